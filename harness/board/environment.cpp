#include "board/environment.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <sstream>

#include "base/file.h"
#include "base/process.h"

namespace loopgate {
namespace {

using nlohmann::json;

// Whatever a login shell says before is no part of the answer.
constexpr const char* first_line = "loopgate-look";

// `read` is the shell's own: no program is started for a file. A file without an end of line is read all the
// same.
constexpr const char* show_function =
    "show() { v=; { read -r v <\"$2\"; } 2>/dev/null; [ -n \"$v\" ] && printf '%s\\t%s\\n' \"$1\" \"$v\"; :; "
    "}\n";

std::string begin_of_script(const Board& board) {
  std::string script;
  if (!board.housekeeping_cpus.empty())
    script = fmt::format("command -v taskset >/dev/null && taskset -cp {} $$ >/dev/null 2>&1\n",
                         fmt::join(board.housekeeping_cpus, ","));
  return script + show_function + "echo " + first_line + "\n";
}

std::string temperature_script(const Thermal& thermal) {
  std::string script;
  if (!thermal.zone.empty())
    script += fmt::format(
        "for z in /sys/class/thermal/thermal_zone*; do t=; {{ read -r t <$z/type; }} 2>/dev/null\n"
        "  [ \"$t\" = {} ] && show temperature $z/temp; done\n",
        quoted({thermal.zone}));
  if (!thermal.throttled.empty()) script += fmt::format("show throttled {}\n", quoted({thermal.throttled}));
  return script;
}

// It only increases, so one reading before and one after cover the whole cell.
std::string counter_script(const Thermal& thermal) {
  if (thermal.throttled_counter.empty()) return {};
  return fmt::format("show throttled_counter {}\n", quoted({thermal.throttled_counter}));
}

template <class T>
std::optional<T> number_in(std::string_view text) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "3 1 WFI": CPU, whether it is disabled, name.
void add_idle_state(const std::string& value, Snapshot* look) {
  std::istringstream words(value);
  IdleState state;
  int disabled = 0;
  if (!(words >> state.cpu >> disabled) || !std::getline(words >> std::ws, state.name)) return;
  state.enabled = disabled == 0;
  look->idle_states.push_back(state);
}

void add_value(const std::string& key, const std::string& value, Snapshot* look) {
  const std::size_t dot = key.find('.');
  const std::string name = key.substr(0, dot);
  const auto cpu = number_in<int>(dot == std::string::npos ? "" : std::string_view(key).substr(dot + 1));
  if (name == "clock_source") look->clock_source = value;
  if (name == "throttled") look->throttled = value;
  if (name == "throttled_counter") look->throttled_counter = number_in<std::int64_t>(value);
  if (name == "idle") add_idle_state(value, look);
  if (name == "governor" && cpu) look->governors[*cpu] = value;
  if (name == "khz" && cpu)
    if (const auto khz = number_in<std::int64_t>(value)) look->frequencies_khz[*cpu] = *khz;
  if (name == "temperature")  // of several zones of that type the hottest
    if (const auto millidegrees = number_in<std::int64_t>(value))
      look->temperature_c =
          std::max(look->temperature_c.value_or(-273), static_cast<double>(*millidegrees) / 1'000);
}

template <class T>
json or_null(const std::optional<T>& value) {
  return value ? json(*value) : json();
}

json or_null(const std::string& text) { return text.empty() ? json() : json(text); }

template <class T>
json by_cpu(const std::map<int, T>& values) {
  json object = json::object();
  for (const auto& [cpu, value] : values) object[std::to_string(cpu)] = value;
  return values.empty() ? json() : object;
}

json to_json(const Snapshot& look) {
  json idle = json::array();
  for (const IdleState& state : look.idle_states)
    idle.push_back({{"cpu", state.cpu}, {"name", state.name}, {"enabled", state.enabled}});
  return {{"clock_source", or_null(look.clock_source)},
          {"governors", by_cpu(look.governors)},
          {"frequencies_khz", by_cpu(look.frequencies_khz)},
          {"idle_states", look.idle_states.empty() ? json() : idle},
          {"temperature_c", or_null(look.temperature_c)},
          {"throttled", or_null(look.throttled)},
          {"throttled_counter", or_null(look.throttled_counter)}};
}

json member(const json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return object.is_object() && found != object.end() ? *found : json();
}

std::string text_of(const json& value) {
  return value.is_string() ? value.get<std::string>() : std::string();
}

// The other values are read on every board.
bool is_asked_for(const Thermal& thermal, const std::string& key) {
  if (key == "temperature_c") return !thermal.zone.empty();
  if (key == "throttled") return !thermal.throttled.empty();
  if (key == "throttled_counter") return !thermal.throttled_counter.empty();
  return true;
}

tl::unexpected<Error> unfit(std::string what) {
  return fail(ErrorKind::infrastructure, std::move(what),
              "see environment.json; cool the board or fix its power supply, then continue with --resume");
}

tl::unexpected<Error> unread(const char* what, const char* key, const std::string& named) {
  return fail(
      ErrorKind::infrastructure,
      fmt::format("cannot read the board's {}: its file sets {} = {}", what, key, named),
      fmt::format(
          "check the value and the kernel's driver; [thermal] optional = [\"{}\"] allows it to be missing",
          key));
}

Status check_that_it_was_read(const json& before, const json& during, const json& after,
                              const Thermal& thermal) {
  const auto is_there = [](const json& look, const char* key) { return !member(look, key).is_null(); };
  const auto must = [&](const char* key, const std::string& named) {
    return !named.empty() && !is_optional(thermal, key);
  };
  if (must("zone", thermal.zone) && !is_there(before, "temperature_c") && !is_there(during, "hottest_c") &&
      !is_there(after, "temperature_c"))
    return unread("temperature", "zone", thermal.zone);
  if (must("throttled", thermal.throttled) && !is_there(before, "throttled") &&
      !is_there(during, "throttled") && !is_there(after, "throttled"))
    return unread("throttling", "throttled", thermal.throttled);
  if (must("throttled_counter", thermal.throttled_counter) &&
      !(is_there(before, "throttled_counter") && is_there(after, "throttled_counter")))
    return unread("throttling", "throttled_counter", thermal.throttled_counter);
  return {};
}

// A look that fails now and then is no hole: the next one comes in ten seconds.
Status check_that_it_was_watched(const json& during, const Thermal& thermal) {
  const std::uint64_t looks = during.value("looks", std::uint64_t{0});
  const bool asked = (!thermal.zone.empty() && !is_optional(thermal, "zone")) ||
                     (!thermal.throttled.empty() && !is_optional(thermal, "throttled"));
  if (!asked || looks == 0 || during.value("failed_looks", std::uint64_t{0}) < looks) return {};
  return fail(
      ErrorKind::infrastructure,
      fmt::format("none of {} looks at the board's temperature and throttling came back while it was "
                  "measuring",
                  looks),
      "was the board too busy, or the network away? see environment.json, then continue with --resume");
}

Status check_throttling(const json& before, const json& during, const json& after, const Thermal& thermal) {
  for (const auto& [when, look] : {std::pair{"before", before}, {"while", during}, {"after", after}}) {
    const std::string throttled = text_of(member(look, "throttled"));
    if (is_throttled(throttled))
      return unfit(
          fmt::format("the board was throttled {} measuring: {} is {}", when, thermal.throttled, throttled));
  }
  const json first = member(before, "throttled_counter"), last = member(after, "throttled_counter");
  if (first.is_number_integer() && last.is_number_integer() && first != last)
    return unfit(fmt::format("the board was throttled while measuring: {} went from {} to {}",
                             thermal.throttled_counter, first.get<std::int64_t>(), last.get<std::int64_t>()));
  return {};
}

Status check_temperature(const json& before, const json& during, const json& after, double limit_c) {
  for (const auto& [when, look, key] : {std::tuple{"before", before, "temperature_c"},
                                        {"while", during, "hottest_c"},
                                        {"after", after, "temperature_c"}}) {
    const json temperature = member(look, key);
    if (temperature.is_number() && temperature.get<double>() > limit_c)
      return unfit(fmt::format("the board was at {:.1f} C {} measuring; its limit is {:.6g} C",
                               temperature.get<double>(), when, limit_c));
  }
  return {};
}

Result<Snapshot> take_snapshot(const RunScript& run_script, const std::string& script) {
  auto answer = run_script(script);
  if (!answer) return tl::unexpected(answer.error());
  return parse_snapshot(*answer);
}

}  // namespace

std::string snapshot_script(const Board& board) {
  return begin_of_script(board) +
         "show clock_source /sys/devices/system/clocksource/clocksource0/current_clocksource\n"
         "for c in /sys/devices/system/cpu/cpu[0-9]*; do n=${c##*cpu}\n"
         "  show governor.$n $c/cpufreq/scaling_governor\n"
         "  show khz.$n $c/cpufreq/scaling_cur_freq\n"
         "  for s in $c/cpuidle/state[0-9]*; do m=; d=; { read -r m <$s/name; read -r d <$s/disable; } "
         "2>/dev/null\n"
         "    [ -n \"$m\" ] && printf 'idle\\t%s %s %s\\n' \"$n\" \"${d:-0}\" \"$m\"; done; done\n" +
         temperature_script(board.thermal) + counter_script(board.thermal) + ":\n";
}

std::string poll_script(const Board& board) {
  return begin_of_script(board) + temperature_script(board.thermal) + ":\n";
}

Result<Snapshot> parse_snapshot(const std::string& answer) {
  std::istringstream lines(answer);
  std::string line;
  while (std::getline(lines, line) && line != first_line) {
  }
  if (line != first_line)
    return fail(ErrorKind::data, "cannot parse the board's answer about its clock and temperature",
                "check whether its shell's start-up files print anything");
  Snapshot look;
  while (std::getline(lines, line)) {
    const std::size_t tab = line.find('\t');
    if (tab != std::string::npos) add_value(line.substr(0, tab), line.substr(tab + 1), &look);
  }
  return look;
}

bool is_throttled(const std::string& content) {
  // "0", or "0x0": firmware flags are hexadecimal.
  return content.find_first_not_of("0x \t") != std::string::npos;
}

Status Environment::before(const RunScript& run_script) {
  polls_ = failed_polls_ = 0;
  hottest_c_.reset();
  throttled_.clear();
  before_ = after_ = Snapshot();
  auto look = take_snapshot(run_script, snapshot_script(board_));
  if (!look) return tl::unexpected(look.error());
  before_ = std::move(*look);
  return {};
}

void Environment::during(const RunScript& run_script) {
  ++polls_;
  const auto look = take_snapshot(run_script, poll_script(board_));
  if (!look) {
    ++failed_polls_;
    return;
  }
  if (look->temperature_c) hottest_c_ = std::max(hottest_c_.value_or(-273), *look->temperature_c);
  if (throttled_.empty() || !is_throttled(throttled_)) throttled_ = look->throttled;
}

Status Environment::after(const RunScript& run_script, const std::filesystem::path& cell_folder) {
  auto look = take_snapshot(run_script, snapshot_script(board_));
  if (!look) return tl::unexpected(look.error());
  after_ = std::move(*look);
  return write_file_atomically(cell_folder / "environment.json",
                               document().dump(2, ' ', false, json::error_handler_t::replace) + "\n");
}

json Environment::document() const {
  const json first = to_json(before_);
  const json last = to_json(after_);
  json unknown = json::array();
  for (const auto& [key, value] : last.items()) {
    const bool not_during =
        polls_ > 0 && ((key == "temperature_c" && !hottest_c_) || (key == "throttled" && throttled_.empty()));
    if (is_asked_for(board_.thermal, key) && (value.is_null() || first[key].is_null() || not_during))
      unknown.push_back(key);
  }
  return {{"format", 1},
          {"limit_c", board_.thermal.zone.empty() ? json() : json(board_.thermal.max_temperature_c)},
          {"before", first},
          {"during",
           {{"looks", polls_},
            {"failed_looks", failed_polls_},
            {"hottest_c", or_null(hottest_c_)},
            {"throttled", or_null(throttled_)}}},
          {"after", last},
          {"unknown", std::move(unknown)}};
}

Status check_environment(const json& document, const Board& board) {
  const json before = member(document, "before"), during = member(document, "during"),
             after = member(document, "after");
  if (!before.is_object() || !during.is_object() || !after.is_object())
    return unfit("the board's state before and after the cell was not recorded");
  const std::string first_clock = text_of(member(before, "clock_source"));
  const std::string last_clock = text_of(member(after, "clock_source"));
  if (!first_clock.empty() && !last_clock.empty() && first_clock != last_clock)
    return unfit(fmt::format("the board's clock source changed from {} to {} while measuring", first_clock,
                             last_clock));
  if (auto good = check_throttling(before, during, after, board.thermal); !good) return good;
  if (auto good = check_temperature(before, during, after, board.thermal.max_temperature_c); !good)
    return good;
  TRY_STATUS(check_that_it_was_watched(during, board.thermal));
  return check_that_it_was_read(before, during, after, board.thermal);
}

}  // namespace loopgate
