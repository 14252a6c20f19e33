#include "history/history.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "base/digest.h"

namespace loopgate {
namespace {

// What two figures must share to stand in one series.
using SetKey =
    std::tuple<std::string, std::string, std::string, TimeBase, std::string, std::string, std::string>;

SetKey key_of(const PastRun& run, const PastGroup& group) {
  return {run.suite.name,
          run.board.name,
          group.load,
          run.time_base,
          run.measured_by,
          run.probe,
          sha256_of(run.suite.sha256 + run.board.sha256 + group.load_sha256 + run.programs)};
}

// The runs that have the figure, and it.
struct Tracked {
  std::vector<std::size_t> runs;
  std::vector<double> values;
};

Tracked tracked_of(const std::vector<PastRun>& runs, const HistorySeries& series, const std::string& key) {
  Tracked tracked;
  for (const HistoryPoint& point : series.points) {
    const PastFigure* figure = find_figure(runs[point.run].groups[point.group].figures, key);
    if (figure == nullptr || !(figure->value > 0)) continue;
    tracked.runs.push_back(point.run);
    tracked.values.push_back(figure->value);
  }
  return tracked;
}

// Of its logarithm: a change is a ratio.
void add_changes(const std::vector<PastRun>& runs, const ChangeRules& rules, const FigureColumn& column,
                 HistorySeries* series) {
  const Tracked tracked = tracked_of(runs, *series, column.key);
  series->runs_with[column.key] = tracked.values.size();
  std::vector<double> logarithms;
  logarithms.reserve(tracked.values.size());
  for (const double value : tracked.values) logarithms.push_back(std::log(value));
  const auto changes = change_points(logarithms, rules);
  const auto median_of = [&](std::size_t begin, std::size_t end) {
    return median({tracked.values.begin() + static_cast<std::ptrdiff_t>(begin),
                   tracked.values.begin() + static_cast<std::ptrdiff_t>(end)});
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const std::size_t begin = i == 0 ? 0 : changes[i - 1].at;
    const std::size_t end = i + 1 == changes.size() ? tracked.values.size() : changes[i + 1].at;
    series->changes.push_back({column, tracked.runs[changes[i].at], median_of(begin, changes[i].at),
                               median_of(changes[i].at, end), changes[i].p});
  }
}

// In the order in which they are met first: a later version may measure more.
std::vector<FigureColumn> columns_of(const std::vector<PastRun>& runs,
                                     const std::map<std::string, std::vector<HistoryPoint>>& kernels) {
  std::vector<FigureColumn> columns;
  std::set<std::string> known;
  const auto add = [&](const FigureColumn& column) {
    if (known.insert(column.key).second) columns.push_back(column);
  };
  for (const auto& [kernel, points] : kernels)
    for (const HistoryPoint& point : points) {
      for (const PastFigure& each : runs[point.run].groups[point.group].figures) add(each.column);
      if (runs[point.run].has_stimuli) std::ranges::for_each(tested_columns(), add);
    }
  return columns;
}

bool is_sound(const PastRun& run) {
  return std::ranges::all_of(run.groups, [](const PastGroup& group) { return group.why.empty(); });
}

// Of copies the first that is sound stays, in the order in which they were given; else the first.
void leave_out_copies(std::vector<PastRun>* runs) {
  std::map<std::string, const PastRun*> kept;
  for (const PastRun& run : *runs) {
    if (!run.problem.empty()) continue;
    const auto [first, is_new] = kept.emplace(run.run_sha256, &run);
    if (!is_new && !is_sound(*first->second) && is_sound(run)) first->second = &run;
  }
  for (PastRun& run : *runs) {
    if (!run.problem.empty() || kept.at(run.run_sha256) == &run) continue;
    run.problem = "is the same run as " + kept.at(run.run_sha256)->folder.string();
    run.left_out = true;
    run.groups.clear();
  }
}

}  // namespace

History history_of(std::vector<PastRun> runs, const ChangeRules& rules) {
  leave_out_copies(&runs);
  std::ranges::stable_sort(
      runs, {}, [](const PastRun& run) { return std::tuple(!run.problem.empty(), run.started, run.name); });
  History history;
  history.rules = rules;
  std::map<SetKey, std::map<std::string, std::vector<HistoryPoint>>> sets;
  for (std::size_t i = 0; i < runs.size(); ++i)
    for (std::size_t j = 0; j < runs[i].groups.size(); ++j)
      sets[key_of(runs[i], runs[i].groups[j])][runs[i].groups[j].kernel].push_back({i, j});
  for (auto& [key, kernels] : sets) {
    HistorySet set;
    std::tie(set.suite, set.board, set.load, set.time_base, set.measured_by, set.probe,
             set.definitions_sha256) = key;
    set.columns = columns_of(runs, kernels);
    for (auto& [kernel, points] : kernels) {
      set.emulator = runs[points.front().run].emulator;
      HistorySeries series{kernel, std::move(points), {}, {}};
      for (const FigureColumn& column : set.columns)
        if (column.is_tested) add_changes(runs, rules, column, &series);
      set.series.push_back(std::move(series));
    }
    history.sets.push_back(std::move(set));
  }
  history.runs = std::move(runs);
  return history;
}

}  // namespace loopgate
