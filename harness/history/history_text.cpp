#include "history/history_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <tuple>

#include "gate/program_table.h"
#include "gate/verdict.h"

namespace loopgate {
namespace {

// Where two sets bear the same names, their definitions tell them apart.
bool has_namesake(const HistorySet& set, const std::vector<HistorySet>& all) {
  return std::ranges::count_if(all, [&](const HistorySet& other) {
           return std::tie(other.suite, other.board, other.load, other.time_base) ==
                  std::tie(set.suite, set.board, set.load, set.time_base);
         }) > 1;
}

std::string set_text(const HistorySet& set, const std::vector<HistorySet>& all) {
  std::string text = fmt::format("suite {} · board {} · {} time · load {}", printable(set.suite),
                                 printable(set.board), name_of(set.time_base), printable(set.load));
  if (set.measured_by != "instrument") text += " · measured by " + printable(set.measured_by);
  if (has_namesake(set, all)) text += " · definitions " + set.definitions_sha256.substr(0, 8);
  if (!set.probe.empty()) text += " · probe " + printable(set.probe);
  return text;
}

std::string changes_text(const HistorySet& set, const std::vector<PastRun>& runs) {
  std::string text;
  for (const HistorySeries& series : set.series)
    for (const HistoryChange& change : series.changes)
      text +=
          fmt::format("  {}: {} changed at {}: {} before, {} after (p = {:.3g})\n", printable(series.kernel),
                      printable(change.figure.label), printable(runs[change.run].name),
                      program_figure_text(change.before, change.figure.unit),
                      program_figure_text(change.after, change.figure.unit), change.p);
  return text;
}

// "p50", "p50 and mean", "p50, mean and p99".
std::string in_words(const std::vector<std::string>& names) {
  std::string text = names.front();
  for (std::size_t i = 1; i < names.size(); ++i) text += (i + 1 == names.size() ? " and " : ", ") + names[i];
  return text;
}

std::string runs_text(std::size_t count) { return fmt::format("{} run{}", count, count == 1 ? "" : "s"); }

// What was found, and what was not tested: neither stands for the other.
std::string findings_text(const HistorySet& set, const History& history) {
  std::string text = changes_text(set, history.runs);
  const std::vector<std::string> untested = not_tested(set, history.rules);
  if (text.empty() && any_tested(set, history.rules))
    text = fmt::format("  no change was found{}\n", untested.empty() ? "" : " in what could be tested");
  for (const std::string& each : untested) text += fmt::format("  {}\n", each);
  return text;
}

}  // namespace

bool any_tested(const HistorySet& set, const ChangeRules& rules) {
  return std::ranges::any_of(set.series, [&](const HistorySeries& series) {
    return std::ranges::any_of(series.runs_with,
                               [&](const auto& each) { return each.second >= runs_to_test(rules); });
  });
}

std::vector<std::string> not_tested(const HistorySet& set, const ChangeRules& rules) {
  std::vector<std::string> sentences;
  for (const HistorySeries& series : set.series) {
    std::map<std::size_t, std::vector<std::string>, std::greater<>> by_runs;
    for (const FigureColumn& column : set.columns)
      if (column.is_tested && series.runs_with.at(column.key) < runs_to_test(rules))
        by_runs[series.runs_with.at(column.key)].push_back(printable(column.label));
    for (const auto& [runs, labels] : by_runs)
      sentences.push_back(
          fmt::format("{}: {} could not be tested for a change: {} {} {}, and it takes {}, {} on each side",
                      printable(series.kernel), in_words(labels), runs == 0 ? "no run" : runs_text(runs),
                      runs > 1 ? "have" : "has", labels.size() > 1 ? "them" : "it", runs_to_test(rules),
                      rules.least_runs));
  }
  return sentences;
}

std::string history_text(const History& history) {
  std::string text;
  for (const HistorySet& set : history.sets) {
    std::size_t points = 0;
    for (const HistorySeries& series : set.series) points = std::max(points, series.points.size());
    text += fmt::format("{} · {}\n{}", set_text(set, history.sets), runs_text(points),
                        findings_text(set, history));
  }
  std::size_t unread = 0;
  std::size_t left_out = 0;
  std::size_t invalid = 0;
  for (const PastRun& run : history.runs) {
    if (run.verdict == name_of(VerdictKind::invalid)) ++invalid;
    if (run.problem.empty()) continue;
    ++(run.left_out ? left_out : unread);
    text += fmt::format("{}: {}: {}\n", run.left_out ? "left out" : "not read",
                        printable(run.folder.string()), printable(run.problem));
  }
  text += fmt::format(
      "{}, {} of them INVALID, {} not read{}. A change is a warning: of 100 figures that never changed, "
      "{:.0f} "
      "shows one by chance.\n",
      runs_text(history.runs.size()), invalid, unread,
      left_out == 0 ? "" : fmt::format(", {} left out", left_out), 100 * history.rules.significance);
  return text;
}

}  // namespace loopgate
