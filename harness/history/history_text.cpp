#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "base/units.h"
#include "gate/verdict.h"
#include "history/history.h"
#include "stats/quantities.h"

namespace loopgate {
namespace {

std::string figure_text(double ns) { return us_text(std::llround(ns)); }

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
                      label_of(change.quantity), printable(runs[change.run].name),
                      figure_text(change.before_ns), figure_text(change.after_ns), change.p);
  return text;
}

}  // namespace

std::string history_text(const History& history) {
  std::string text;
  for (const HistorySet& set : history.sets) {
    std::size_t points = 0;
    for (const HistorySeries& series : set.series) points = std::max(points, series.points.size());
    const std::string changes = changes_text(set, history.runs);
    text += fmt::format("{} · {} runs\n{}", set_text(set, history.sets), points,
                        changes.empty() ? "  no change was found\n" : changes);
  }
  std::size_t unread = 0;
  for (const PastRun& run : history.runs) {
    if (run.problem.empty()) continue;
    ++unread;
    text += fmt::format("not read: {}: {}\n", printable(run.folder.string()), printable(run.problem));
  }
  text += fmt::format(
      "{} runs, {} of them not read. A change is a warning: by chance, up to {:.0f} series in 100 show "
      "one.\n",
      history.runs.size(), unread, 100 * false_alarms_at_most(history.rules));
  return text;
}

}  // namespace loopgate
