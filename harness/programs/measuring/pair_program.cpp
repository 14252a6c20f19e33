#include "programs/measuring/pair_program.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "programs/measuring/program_text.h"

namespace loopgate {
namespace {

using nlohmann::json;

constexpr const char* pair_clock = "CLOCK_REALTIME";  // gettimeofday(2)

struct Pair {
  std::uint64_t samples = 0;
  double min = 0, mean = 0, max = 0;
  std::uint64_t timeouts = 0;  // of pmqtest
};

Result<json> object_in(const json& fields, const char* key) {
  const auto found = fields.find(key);
  if (found == fields.end() || !found->is_object())
    return fail(ErrorKind::data, fmt::format("its JSON file has no {}", key));
  return *found;
}

Result<Pair> pair_of(const JsonThread& thread) {
  TRY(sender, object_in(*thread.fields, "sender"));
  TRY(receiver, object_in(*thread.fields, "receiver"));
  const auto samples = number_in(sender, "samples");
  const auto min = number_in(receiver, "min");
  const auto mean = number_in(receiver, "avg");
  const auto max = number_in(receiver, "max");
  if (!samples || !min || !mean || !max || *min > *max || *samples > 1e15)
    return fail(ErrorKind::data, fmt::format("its JSON file's thread {} lacks its figures", thread.number));
  Pair pair{static_cast<std::uint64_t>(*samples), *min, *mean, *max};
  pair.timeouts = static_cast<std::uint64_t>(std::min(number_in(receiver, "timeoutcount").value_or(0), 1e15));
  return pair;
}

// "#1 -> #0, Min    5, Cur   16, Avg    6, Max   16": the last of a pair counts.
std::map<std::size_t, double> printed_maxima(const std::string& text) {
  std::map<std::size_t, double> maxima;
  for (const std::string_view line : lines_in(text)) {
    std::uint64_t from = 0, to = 0;
    double ignored = 0, max = 0;
    LineScan scan(line);
    scan.text("#").count(&from).text("->").text("#").count(&to).text(",").text("Min").number(&ignored);
    scan.text(",").text("Cur").number(&ignored).text(",").text("Avg").number(&ignored).text(",").text("Max");
    if (scan.number(&max).at_end() && from == to + 1) maxima[to / 2] = max;
  }
  return maxima;
}

Result<std::vector<Pair>> pairs_of(const ProgramEnd& end) {
  TRY(document, rt_tests_json(end));
  TRY(threads, threads_in(document));
  const auto printed = printed_maxima(end.printed);
  std::vector<Pair> pairs;
  for (const JsonThread& thread : threads) {
    TRY(pair, pair_of(thread));
    const auto said = printed.find(thread.number);
    if (said == printed.end())
      return fail(ErrorKind::data, fmt::format("it did not print the figures of pair {}", thread.number));
    if (said->second != pair.max)
      return fail(ErrorKind::data, fmt::format("it printed {} us as pair {}'s maximum, and wrote {} us",
                                               said->second, thread.number, pair.max));
    pairs.push_back(pair);
  }
  return pairs;
}

ProgramResult verdict_on_pairs(const std::vector<std::string>& argv, const Pair& all, std::uint64_t fewest) {
  const auto limit = option_number(argv, {"-b", "--breaktrace"});
  if (limit && all.max > *limit)
    return failed_result(fmt::format("it took {} us, above its limit of {} us", all.max, *limit));
  if (all.timeouts > 0) return failed_result(fmt::format("{} messages came too late", all.timeouts));
  const double loops = option_number(argv, {"-l", "--loops"}).value_or(1);
  if (static_cast<double>(fewest) < loops)
    return invalid_result(fmt::format("it made {} of {} loops", fewest, loops));
  return result_of(ProgramVerdict::pass, "");
}

}  // namespace

PairProgram::PairProgram(const char* key, std::string path, bool has_quiet, const std::string& options) {
  form_.key = key;
  form_.command = {std::move(path)};
  if (has_quiet) form_.last = {"--quiet"};
  form_.last.insert(form_.last.end(), {"--json", "{file}"});
  form_.loops = "--loops";
  form_.duration = "--duration";
  form_.priority = "--prio";
  form_.aliases = {"-D", "-l", "-p"};
  form_.options =
      words_of("-a --affinity -b --breaktrace -d --distance -i --interval -t --threads " + options);
  form_.numbers = {"-b", "--breaktrace"};
}

ProgramResult PairProgram::judge(const std::vector<std::string>& argv, const ProgramEnd& end) const {
  if (auto bad = ended_badly(end)) return *bad;
  const auto pairs = pairs_of(end);
  if (!pairs) return invalid_result(pairs.error().what);
  Pair all = pairs->front();
  all.samples = all.timeouts = 0;
  std::uint64_t fewest = pairs->front().samples;
  double sum = 0;
  for (const Pair& pair : *pairs) {
    all.samples += pair.samples;
    all.timeouts += pair.timeouts;
    all.min = std::min(all.min, pair.min);
    all.max = std::max(all.max, pair.max);
    sum += pair.mean * static_cast<double>(pair.samples);
    fewest = std::min(fewest, pair.samples);
  }
  ProgramResult result = verdict_on_pairs(argv, all, fewest);
  if (all.samples == 0) return invalid_result("it made no loop");
  result.figures = {count_figure("loops", all.samples, "loops"), us_figure("min", all.min, pair_clock),
                    mean_figure(sum / static_cast<double>(all.samples), pair_clock),
                    us_figure("max", all.max, pair_clock)};
  if (all.timeouts > 0) result.figures.push_back(count_figure("timeouts", all.timeouts, "messages"));
  return result;
}

// The file has the priority of each thread.
std::optional<OptionReadBack> PairProgram::read_back(const ProgramOption& option,
                                                     const ProgramEnd& end) const {
  if (option.name != "--prio" && option.name != "-p") return std::nullopt;
  const auto document = rt_tests_json(end);
  if (!document) return std::nullopt;
  const auto threads = threads_in(*document);
  if (!threads) return std::nullopt;
  const auto receiver = object_in(*threads->front().fields, "receiver");
  const auto priority = receiver ? number_in(*receiver, "priority") : std::nullopt;
  if (!priority) return std::nullopt;
  const std::string seen = fmt::format("{}", *priority);
  return OptionReadBack{seen, seen == option.value};
}

}  // namespace loopgate
