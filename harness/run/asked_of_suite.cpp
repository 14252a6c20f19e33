#include "run/asked_of_suite.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/text.h"
#include "programs/options.h"
#include "run/interrupt_table.h"

namespace loopgate {
namespace {

using nlohmann::json;

constexpr const char* by_suite = "suite";
constexpr const char* by_board = "board";
// As the agent names their rows.
constexpr std::string_view payloads_policy = "policy of the payload's thread ";
constexpr const char* payloads_cpus = "CPUs of the payload";

std::string printed_sha256(const json& printed, const std::string& key) {
  const auto file = printed.is_object() ? printed.find(key) : printed.end();
  if (!printed.is_object() || file == printed.end() || !file->is_object()) return {};
  const auto sha256 = file->find("sha256");
  return sha256 == file->end() || !sha256->is_string() ? std::string() : sha256->get<std::string>();
}

// The payload may have taken another of its files in place of the first: then nobody says what became of it.
AskedFor file_row(const Payload& payload, const PayloadFile& file, const json& printed) {
  AskedFor row{by_suite, "payload's file",
               fmt::format("{} = {}, sha256 {}", file.key, file.file.filename().string(), file.sha256)};
  const std::string seen = printed_sha256(printed, file.key);
  if (seen.empty()) return row;
  const bool another = seen != file.sha256 &&
                       std::ranges::find(payload.files, seen, &PayloadFile::sha256) != payload.files.end();
  row.became = another ? AskedState::not_told : as_asked(seen == file.sha256);
  row.read_back = "sha256 " + seen;
  return row;
}

// Of its threads, as the agent saw them when measuring was over.
std::string thread_of_priority(const Report& report, const std::string& priority) {
  for (const TuningRow& row : report.tuning_end) {
    if (!row.what.starts_with(payloads_policy)) continue;
    if (row.read_back == "fifo " + priority || row.read_back == "rr " + priority)
      return fmt::format("its thread {}: {}", row.what.substr(payloads_policy.size()), row.read_back);
  }
  return {};
}

AskedFor option_row(const ProgramOption& option, const Report& report, const json& printed) {
  AskedFor row{by_suite, "payload's option", text_of(option)};
  if (const auto seen = read_back_of(option, printed)) {
    row.became = as_asked(seen->as_asked);
    row.read_back = seen->text;
  } else if (option.name == "--priority") {
    row.read_back = thread_of_priority(report, option.value);
    if (!row.read_back.empty()) row.became = AskedState::in_effect;
  }
  return row;
}

// No program of ours goes on without, unless it is allowed to.
void add_real_time(const json& printed, std::vector<AskedFor>* rows) {
  if (!printed.is_object() || !printed.contains("degraded") || !printed["degraded"].is_boolean()) return;
  const bool degraded = printed["degraded"].get<bool>();
  rows->push_back({by_suite, "payload", "real-time priority and locked memory", as_asked(!degraded),
                   degraded ? "it ran degraded" : "it was not degraded"});
}

void add_payload_checks(const json& document, std::vector<AskedFor>* rows) {
  const auto checks = document.find("payload_checks");
  if (checks == document.end()) return;
  for (const json& check : *checks)
    rows->push_back({by_suite, "payload's check",
                     fmt::format("{}: {} {}", check.value("name", ""), check.value("value", ""),
                                 check.value("wanted", "")),
                     as_asked(check.value("passed", false)), check.value("seen", "")});
}

const TuningRow* find_row(const std::vector<TuningRow>& rows, const std::string& what) {
  const auto found = std::ranges::find(rows, what, &TuningRow::what);
  return found == rows.end() ? nullptr : &*found;
}

// The payload asks for its line by the consumer's name "stimulus". Drivers number and name their lines in
// ways of their own, so that another text proves nothing.
AskedFor stimulus_row(const Board& board, const Report& report) {
  const std::string asked = fmt::format("{} {}", board.gpio_chip, board.lines.stimulus);
  AskedFor row{by_board, "line", "stimulus on " + asked};
  row.read_back = line_of(report.interrupts_start, "stimulus");
  if (row.read_back == asked) row.became = AskedState::in_effect;
  if (const std::string cpus = cpus_of(report.interrupts_end, "stimulus"); board.cpus > 1 && !cpus.empty())
    row.read_back += fmt::format(", its interrupts on CPU {}", cpus);
  return row;
}

AskedFor payload_cpus(const Board& board, const Report& report) {
  AskedFor row{by_board, "CPUs", fmt::format("the payload on {}", fmt::join(board.measured_cpus, ","))};
  const TuningRow* seen = find_row(report.tuning_end, payloads_cpus);
  if (seen == nullptr) seen = find_row(report.tuning, payloads_cpus);
  if (seen == nullptr) return row;
  row.became = as_asked(seen->ok);
  row.read_back = seen->read_back;
  return row;
}

std::string counted(std::uint64_t count) { return with_thousands(count); }

AskedFor due_row(const PulseSettings& pulses, const StimuliFindings& findings) {
  AskedFor row{by_suite, "schedule",
               fmt::format("a stimulus each {:.6g} to {:.6g} us{}, from seed {}",
                           static_cast<double>(pulses.interval_min_ns) / 1e3,
                           static_cast<double>(pulses.interval_max_ns) / 1e3,
                           pulses.back_to_back ? " after the last response" : "", pulses.seed)};
  if (!findings.schedule_kept) return row;
  row.became = as_asked(*findings.schedule_kept);
  row.read_back =
      *findings.schedule_kept ? "each fell due to the nanosecond" : "one fell due at another time";
  return row;
}

// Each other CPU adds a turn at the most to a path that needs it.
AskedFor turns_row(const Board& board, const Outcome& outcome) {
  AskedFor row{by_board, "CPUs", fmt::format("in turns of {} ns", board.qemu().slice_ns)};
  if (!outcome.longest_turn_ns) return row;
  row.became = as_asked(*outcome.longest_turn_ns > 0 && *outcome.longest_turn_ns <= board.qemu().slice_ns);
  row.read_back = fmt::format("the longest took {} ns", *outcome.longest_turn_ns);
  return row;
}

}  // namespace

std::vector<AskedFor> asked_of_payload(const Payload& payload, const std::vector<std::string>& command,
                                       const Report& report, const json& document) {
  static const json nothing;
  const auto found = document.find("payload");
  const json& printed = found == document.end() ? nothing : *found;
  std::vector<AskedFor> rows;
  for (const ProgramOption& option : options_in(command)) rows.push_back(option_row(option, report, printed));
  for (const PayloadFile& file : payload.files) rows.push_back(file_row(payload, file, printed));
  add_real_time(printed, &rows);
  add_payload_checks(document, &rows);
  return rows;
}

std::vector<AskedFor> asked_of_board(const Board& board, const Report& report, const Outcome& outcome) {
  AskedFor cpus{by_board, "CPUs", fmt::format("{} online", board.cpus)};
  if (!report.interrupts_start.empty()) {
    const std::size_t online = online_cpus(report.interrupts_start);
    cpus.became = as_asked(online >= static_cast<std::size_t>(board.cpus));
    cpus.read_back = std::to_string(online);
  }
  std::vector<AskedFor> rows = {cpus, stimulus_row(board, report)};
  if (!board.measured_cpus.empty()) rows.push_back(payload_cpus(board, report));
  if (board.is_virtual() && board.cpus > 1) rows.push_back(turns_row(board, outcome));
  return rows;
}

std::vector<AskedFor> asked_of_schedule(const PulseSettings& pulses, const StimuliFindings& findings,
                                        const Outcome& outcome) {
  const std::uint64_t planned = std::uint64_t{pulses.self_checks} + pulses.warm_up + pulses.counted;
  AskedFor records{by_suite, "schedule",
                   fmt::format("{} stimuli, after {} self-checks and {} to warm up", counted(pulses.counted),
                               pulses.self_checks, counted(pulses.warm_up))};
  AskedFor checks{by_suite, "schedule", fmt::format("{} self-checks of known delays", pulses.self_checks)};
  AskedFor sent{by_suite, "schedule", "each stimulus sent when it fell due"};
  if (findings.figures) {
    const SampleCounts& counts = findings.figures->measured.counts;
    records.became = as_asked(outcome.records == planned);
    records.read_back = counted(outcome.records) + " records";
    checks.became = as_asked(outcome.self_check_passed);
    checks.read_back = outcome.self_check_passed ? "all passed" : "not all passed";
    sent.became = as_asked(counts.not_sent == 0);
    sent.read_back = counts.not_sent == 0
                         ? fmt::format("all {}", counted(counts.scheduled))
                         : fmt::format("{} of {} were not sent, since the one before was pending",
                                       counted(counts.not_sent), counted(counts.scheduled));
  }
  return {records, due_row(pulses, findings), checks, sent};
}

}  // namespace loopgate
