#include "doctor/board_check.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>

#include "base/json.h"
#include "base/text.h"
#include "board/boot_once.h"
#include "board/environment.h"

namespace loopgate {
namespace {

using State = DoctorFinding::State;
using Facts = std::map<std::string, std::string>;

// Image and initramfs of a kernel take up to 60 MB, and both lie there while they are replaced.
constexpr std::int64_t slot_kib = 150 << 10;

// The GPIO character device's second version, which gives the kernel's own stamps of edges.
constexpr std::array<int, 2> least_kernel = {5, 10};

// How `loopback check` ends when a wire is missing or leads elsewhere: exit_no_jumper of target/service.h.
constexpr int no_wire = 6;

Facts facts_in(const std::string& answer) {
  Facts facts;
  std::istringstream lines(answer);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t tab = line.find('\t');
    if (tab != std::string::npos) facts.emplace(line.substr(0, tab), line.substr(tab + 1));
  }
  return facts;
}

std::optional<std::int64_t> number(const Facts& facts, const char* key) {
  const auto found = facts.find(key);
  if (found == facts.end()) return std::nullopt;
  std::int64_t value = 0;
  const std::string& text = found->second;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

DoctorFinding unknown(std::string name, std::string what = "the board did not say") {
  return {State::unknown, std::move(name), std::move(what), ""};
}

DoctorFinding judge_rights(const Facts& facts) {
  const auto user = number(facts, "user");
  if (!user) return unknown("rights");
  if (*user == 0) return {State::good, "rights", "root", ""};
  return {State::missing, "rights", fmt::format("user {} is not root", *user),
          "give a root account's key: kernels are installed, real-time priority is taken, GPIO lines are "
          "requested"};
}

DoctorFinding judge_kernel(const Board& board, const Facts& facts) {
  const auto release = facts.find("release");
  const auto machine = facts.find("machine");
  if (release == facts.end() || machine == facts.end()) return unknown("kernel");
  const std::string text = release->second + " " + machine->second;
  const std::string wanted = facts_of(board.architecture).machine;
  if (machine->second != wanted)
    return {State::missing, "kernel", text,
            fmt::format("the board's file says {}: is this that board?", wanted)};
  std::array<int, 2> version{};
  char dot = 0;
  std::istringstream(release->second) >> version[0] >> dot >> version[1];
  if (version < least_kernel)
    return {State::missing, "kernel", text,
            "the known-good kernel must be 5.10 or newer, for the edges' stamps"};
  return {State::good, "kernel", text, ""};
}

DoctorFinding judge_cpus(const Board& board, const Facts& facts) {
  const auto cpus = number(facts, "cpus");
  if (!cpus) return unknown("CPUs");
  const std::string text = fmt::format("{} on line, {} in the board's file", *cpus, board.cpus);
  if (*cpus == board.cpus) return {State::good, "CPUs", text, ""};
  return {State::missing, "CPUs", text, "is this that board? is maxcpus= on its command line?"};
}

DoctorFinding judge_slot(const Board& board, const Facts& facts) {
  const auto writable = number(facts, "slot_writable");
  const auto free_kib = number(facts, "slot_free_kib");
  const std::string& folder = board.ssh().folder;
  if (!writable) return unknown("kernel slot");
  if (*writable == 0)
    return {State::missing, "kernel slot", folder + " is no folder that can be written",
            "is the boot partition mounted there, and not read-only?"};
  if (!free_kib) return unknown("kernel slot", folder + ": free space unknown");
  const std::string text = fmt::format("{} ({} MiB free)", folder, *free_kib >> 10);
  if (*free_kib >= slot_kib) return {State::good, "kernel slot", text, ""};
  return {State::missing, "kernel slot", text, fmt::format("free {} MiB there", slot_kib >> 10)};
}

// Whose reading takes a bus's time, or that only tick.
bool is_poor_clock(const std::string& source) {
  for (const char* poor : {"hpet", "acpi_pm", "jiffies", "refined-jiffies", "pit"})
    if (source == poor) return true;
  return false;
}

DoctorFinding judge_clock(const Snapshot& look) {
  if (look.clock_source.empty()) return unknown("clock source");
  if (!is_poor_clock(look.clock_source)) return {State::good, "clock source", look.clock_source, ""};
  return {State::missing, "clock source", look.clock_source + " is too coarse or slow to read",
          "find out why the kernel left its counter (dmesg | grep -i clocksource)"};
}

DoctorFinding judge_governor(const Snapshot& look) {
  if (look.governors.empty())
    return {State::optional, "governor", "none: the CPUs' clocks do not change, or nobody says", ""};
  for (const auto& [cpu, governor] : look.governors) {
    if (governor == "performance") continue;
    return {State::optional, "governor",
            fmt::format("{} on CPU {}: its clock changes while measuring", governor, cpu),
            "a kernel's [[tuning.file]] can set scaling_governor to performance"};
  }
  return {State::good, "governor", "performance", ""};
}

// What the board's file asks for and the board does not tell.
DoctorFinding unread(const Board& board, const char* key, std::string name, std::string what) {
  if (is_optional(board.thermal, key)) return unknown(std::move(name), std::move(what));
  return {
      State::missing, std::move(name), std::move(what),
      fmt::format("its cells would be INVALID; where a kernel has no driver for it, the board's file says "
                  "[thermal] optional = [\"{}\"]",
                  key)};
}

DoctorFinding judge_temperature(const Board& board, const Snapshot& look) {
  if (board.thermal.zone.empty())
    return {State::optional, "temperature", "the board's file names no thermal zone", ""};
  if (!look.temperature_c)
    return unread(board, "zone", "temperature",
                  fmt::format("no thermal zone of the type {} can be read", board.thermal.zone));
  const std::string text =
      fmt::format("{:.1f} C, limit {:.6g} C", *look.temperature_c, board.thermal.max_temperature_c);
  if (*look.temperature_c <= board.thermal.max_temperature_c) return {State::good, "temperature", text, ""};
  return {State::missing, "temperature", text, "cool the board: its cells would be INVALID"};
}

DoctorFinding judge_throttling(const Board& board, const Snapshot& look) {
  const std::string &file = board.thermal.throttled, &counter = board.thermal.throttled_counter;
  if (file.empty() && counter.empty())
    return {State::optional, "throttling", "the board's file names no file that tells", ""};
  if (is_throttled(look.throttled))
    return {State::missing, "throttling", fmt::format("{} is {}", file, look.throttled),
            board.power_needs.empty() ? "cool the board" : "cool the board; it needs " + board.power_needs};
  if (!file.empty() && look.throttled.empty())
    return unread(board, "throttled", "throttling", file + " can't be read");
  if (!counter.empty() && !look.throttled_counter)
    return unread(board, "throttled_counter", "throttling", counter + " can't be read");
  return {State::good, "throttling",
          look.throttled_counter ? fmt::format("{} times since boot", *look.throttled_counter) : "none", ""};
}

// What `loopback check` printed: a number at that key; nothing where there is none.
std::optional<double> number_at(const nlohmann::json& check, const char* pointer) {
  const nlohmann::json::json_pointer place(pointer);
  if (!check.is_object() || !check.contains(place) || !check[place].is_number()) return std::nullopt;
  return check[place].get<double>();
}

std::string wire_text(const Board& board, const nlohmann::json& check) {
  const char* all = board.lines.verdict_in >= 0 ? "all three" : "both";
  const auto stimulus_ns = number_at(check, "/stimulus_to_edge_ns/p50"),
             response_ns = number_at(check, "/response_to_edge_ns/p50");
  if (!stimulus_ns || !response_ns) return fmt::format("{} lead where they should", all);
  return fmt::format("{} lead where they should; an edge takes {:.1f} us and {:.1f} us in the median", all,
                     *stimulus_ns / 1'000, *response_ns / 1'000);
}

// Of the edges of one jumper: "2 of 20,100 from line 6 to line 0"; empty where none was lost.
std::string lost_text(const nlohmann::json& check, const char* lost, int from, int to) {
  const auto count = number_at(check, lost);
  if (!count || *count == 0) return {};
  return fmt::format(
      "{} of {} edges from line {} to line {}", with_thousands(static_cast<std::uint64_t>(*count)),
      with_thousands(static_cast<std::uint64_t>(number_at(check, "/edges_sent").value_or(0))), from, to);
}

DoctorFinding judge_edges(const Board& board, const nlohmann::json& check) {
  const PinLines& lines = board.lines;
  std::string lost = lost_text(check, "/stimulus_edges_lost", lines.stimulus_out, lines.stimulus);
  const std::string other = lost_text(check, "/response_edges_lost", lines.response, lines.response_in);
  if (!other.empty()) lost += (lost.empty() ? "" : ", and ") + other;
  if (!lost.empty())
    return {State::missing, "jumpers", lost + " were lost on the bare wire",
            "a loose contact, a chip that loses edges (try other lines of it), or a kernel that does: try "
            "another known-good kernel"};
  std::string text = wire_text(board, check);
  if (const auto sent = number_at(check, "/edges_sent"))
    text +=
        fmt::format("; 0 of {} edges were lost on each", with_thousands(static_cast<std::uint64_t>(*sent)));
  return {State::good, "jumpers", text, ""};
}

std::string how_to_join(const Board& board) {
  const PinLines& lines = board.lines;
  std::string text = fmt::format("join line {} with {}, and {} with {}", lines.stimulus_out, lines.stimulus,
                                 lines.response, lines.response_in);
  if (lines.verdict_in >= 0) text += fmt::format(", and {} with {}", lines.verdict, lines.verdict_in);
  return text + ", of " + board.gpio_chip;
}

// Looked up in PATH, or where it is said to be.
bool is_program(const std::string& name) {
  return name.find('/') == std::string::npos ? !find_program(name).empty()
                                             : ::access(name.c_str(), X_OK) == 0;
}

}  // namespace

std::string board_check_script(const Board& board) {
  const std::string folder = quoted({board.ssh().folder});
  return fmt::format(
             "printf 'user\\t%s\\n' \"$(id -u)\"\n"
             "printf 'release\\t%s\\nmachine\\t%s\\n' \"$(uname -r)\" \"$(uname -m)\"\n"
             "printf 'cpus\\t%s\\n' \"$(grep -c ^processor /proc/cpuinfo)\"\n"
             "w=0; [ -d {0} ] && [ -w {0} ] && w=1; printf 'slot_writable\\t%s\\n' \"$w\"\n"
             "df -Pk {0} 2>/dev/null | {{ read -r h; read -r d s u f r; printf 'slot_free_kib\\t%s\\n' "
             "\"$f\"; }}\n",
             folder) +
         snapshot_script(board);
}

std::vector<DoctorFinding> judge_board(const Board& board, const std::string& answer) {
  const Facts facts = facts_in(answer);
  const auto looked = parse_snapshot(answer);
  const Snapshot look = looked.value_or(Snapshot());
  return {judge_rights(facts),
          judge_kernel(board, facts),
          judge_cpus(board, facts),
          judge_slot(board, facts),
          judge_clock(look),
          judge_governor(look),
          looked ? judge_temperature(board, look) : unknown("temperature"),
          looked ? judge_throttling(board, look) : unknown("throttling")};
}

DoctorFinding judge_boot_method(const Board& board, const Result<ProcessResult>& check) {
  const std::string method = name_of(board.ssh().method);
  if (!check) return unknown("boot method", check.error().what);
  if (check->exit_status == 0) return {State::good, "boot method", method + " can boot a kernel once", ""};
  const BootRefusal refusal = split_refusal(last_line(check->errors));
  return {State::missing, "boot method", method + ": " + refusal.what,
          refusal.next_step.empty() ? "set another method in the board's file" : refusal.next_step};
}

DoctorFinding judge_wires(const Board& board, const Result<ProcessResult>& check) {
  if (!check) return unknown("jumpers", check.error().what);
  if (check->exit_status == 0) return judge_edges(board, parse_json(check->output));
  if (check->exit_status != no_wire)
    return {State::missing, "jumpers", "they could not be tried: " + last_line(check->errors),
            fmt::format("the loopback program must get {} on the board (exit status {})", board.gpio_chip,
                        check->exit_status)};
  return {State::missing, "jumpers", last_line(check->errors), how_to_join(board)};
}

std::optional<DoctorFinding> judge_wires_again(const Result<ProcessResult>& first,
                                               const Result<ProcessResult>& again) {
  if (!first || first->exit_status != no_wire || !again || again->exit_status != 0) return std::nullopt;
  return DoctorFinding{State::missing, "jumpers",
                       last_line(first->errors) + "; checked again, all lead where they should",
                       "a loose contact, or a chip that loses edges: doctor --edges 100000 counts them"};
}

DoctorFinding judge_three_wires(const Board& board, const Result<ProcessResult>& all,
                                const Result<ProcessResult>& without_verdict) {
  DoctorFinding finding = judge_wires(board, all);
  const bool others_are_sound = without_verdict && without_verdict->exit_status == 0;
  if (finding.state != State::missing || all->exit_status != no_wire || !others_are_sound) return finding;
  if (DoctorFinding others = judge_wires(board, without_verdict); others.state == State::missing)
    return others;  // they lose edges
  finding.state = State::optional;
  finding.fix = fmt::format("suites with decisions can't be measured; for them, join line {} with {} of {}",
                            board.lines.verdict, board.lines.verdict_in, board.gpio_chip);
  return finding;
}

DoctorFinding judge_console(const LabBoard& lab) {
  if (lab.console.empty())
    return {State::optional, "console",
            lab.labgrid ? "neither lab.toml nor labgrid has one" : "none in lab.toml",
            "set console: without it a kernel that panics at boot leaves no word"};
  return {
      State::good, "console",
      !lab.console.starts_with('/') ? lab.console : fmt::format("{} at {}", lab.console, lab.console_baud),
      ""};
}

std::vector<DoctorFinding> judge_power(const Board& board, const LabBoard& lab) {
  std::vector<DoctorFinding> findings;
  if (lab.has_power()) {
    const auto& argv = lab.power_cycle.empty() ? lab.power_off : lab.power_cycle;
    const bool found = is_program(argv.front());
    findings.push_back({found ? State::good : State::missing, "power",
                        argv.front() + (found ? "" : " is not installed"),
                        "the programs of power_off, power_on and power_cycle must be there"});
  } else {
    findings.push_back(
        {State::optional, "power", lab.labgrid ? "neither lab.toml nor labgrid has any" : "none in lab.toml",
         "set power_off and power_on, or power_cycle: else a kernel that hangs holds the run up"});
  }
  if (!board.power_needs.empty())
    findings.push_back({State::optional, "supply", "the board needs " + board.power_needs, ""});
  return findings;
}

}  // namespace loopgate
