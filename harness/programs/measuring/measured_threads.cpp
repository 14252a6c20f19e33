#include "programs/measuring/measured_threads.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace loopgate {
namespace {

constexpr double whole_number_max = 1e15;

// "Min:      4", whatever key it is.
bool scan_pair(LineScan* scan, std::string_view* key, double* value) {
  LineScan ahead = *scan;
  std::string_view word;
  if (!ahead.word(&word).good()) return false;
  const std::size_t colon = word.find(':');
  if (colon == std::string_view::npos) return false;
  *key = word.substr(0, colon);
  return scan->text(word.substr(0, colon + 1)).number(value).good();
}

}  // namespace

std::map<std::size_t, double> printed_thread_maxima(const std::string& text) {
  std::map<std::size_t, double> maxima;
  for (const std::string_view line : lines_in(text)) {
    std::uint64_t number = 0, pid = 0;
    LineScan scan(line);
    if (!scan.text("T:").count(&number).text("(").count(&pid).text(")").good()) continue;
    std::string_view key;
    double value = 0;
    std::optional<double> max;
    while (scan_pair(&scan, &key, &value))
      if (key == "Max") max = value;
    if (max && scan.at_end()) maxima[number] = *max;
  }
  return maxima;
}

Result<std::vector<ThreadCycles>> measured_threads(const nlohmann::json& document) {
  TRY(threads, threads_in(document));
  std::vector<ThreadCycles> all;
  for (const JsonThread& thread : threads) {
    const auto cycles = number_in(*thread.fields, "cycles");
    const auto min = number_in(*thread.fields, "min");
    const auto max = number_in(*thread.fields, "max");
    if (!cycles || !min || !max || *cycles > whole_number_max)
      return fail(ErrorKind::data, fmt::format("its JSON file's thread {} lacks its figures", thread.number));
    if (*cycles > 0 && *min > *max)
      return fail(ErrorKind::data,
                  fmt::format("its JSON file's thread {} has a min above its max", thread.number));
    all.push_back(
        {static_cast<std::uint64_t>(*cycles), *min, number_in(*thread.fields, "avg").value_or(0), *max});
  }
  return all;
}

Status check_printed(const std::vector<ThreadCycles>& threads, const std::map<std::size_t, double>& maxima) {
  for (std::size_t i = 0; i < threads.size(); ++i) {
    if (threads[i].cycles == 0) continue;
    const auto said = maxima.find(i);
    if (said == maxima.end())
      return fail(ErrorKind::data, fmt::format("it did not print the figures of thread {}", i));
    if (said->second != threads[i].max)
      return fail(ErrorKind::data, fmt::format("it printed {} as thread {}'s maximum, and wrote {}",
                                               said->second, i, threads[i].max));
  }
  return {};
}

ThreadTotal total_of(const std::vector<ThreadCycles>& threads) {
  ThreadTotal total{{0, threads.front().min, 0, 0}, threads.front().cycles};
  double sum = 0;
  for (const ThreadCycles& each : threads) {
    total.fewest = std::min(total.fewest, each.cycles);
    if (each.cycles == 0) continue;
    total.all.min = total.all.cycles == 0 ? each.min : std::min(total.all.min, each.min);
    total.all.max = std::max(total.all.max, each.max);
    total.all.cycles += each.cycles;
    sum += each.mean * static_cast<double>(each.cycles);
  }
  if (total.all.cycles > 0) total.all.mean = sum / static_cast<double>(total.all.cycles);
  return total;
}

std::vector<ProgramFigure> figures_of(const ThreadCycles& all, const char* clock, double factor) {
  std::vector<ProgramFigure> figures = {
      count_figure("cycles", all.cycles, "cycles"), us_figure("min", all.min * factor, clock),
      mean_figure(all.mean * factor, clock), us_figure("max", all.max * factor, clock)};
  for (ProgramFigure& figure : figures)
    if (figure.resolution > 0) figure.resolution = factor;
  return figures;
}

}  // namespace loopgate
