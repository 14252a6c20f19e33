// Many runs in the order in which they were measured, as series that may be compared: of one suite, board,
// load, time base, instrument and probe, each by its digest. Pure, but for reading the runs.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "history/change_points.h"
#include "history/past_run.h"

namespace loopgate {

struct HistoryPoint {
  std::size_t run = 0;    // index in History::runs
  std::size_t group = 0;  // index in its groups
};

struct HistoryChange {
  FigureColumn figure;
  std::size_t run = 0;  // the first one after it
  double before = 0;    // medians of the runs between this change and its neighbours
  double after = 0;
  double p = 1;
};

// A kernel, by its name: its image is what changes.
struct HistorySeries {
  std::string kernel;
  std::vector<HistoryPoint> points;
  std::vector<HistoryChange> changes;
  std::map<std::string, std::size_t> runs_with;  // how many of its runs have the figure, by the column's key
};

// How many runs with a figure it takes before a change can be found in it.
inline std::size_t runs_to_test(const ChangeRules& rules) { return 2 * rules.least_runs; }

struct HistorySet {
  std::string suite;
  std::string board;
  std::string load;
  TimeBase time_base = TimeBase::virtual_time;
  std::string measured_by;
  std::string probe;
  bool emulator = false;
  std::string definitions_sha256;     // of suite, board and load, and the programs that measured
  std::vector<FigureColumn> columns;  // of all figures in it
  std::vector<HistorySeries> series;
};

// What was not tested for a change, a sentence for each kernel and number of runs: "rt: p50 and mean cannot
// be tested for a change: 3 runs have them, and it takes 10". Empty where everything was.
std::vector<std::string> not_tested(const HistorySet& set, const ChangeRules& rules);
// Whether anything in it was.
bool any_tested(const HistorySet& set, const ChangeRules& rules);

struct History {
  std::vector<PastRun> runs;  // by when they began; those that can't be read last
  std::vector<HistorySet> sets;
  ChangeRules rules;
};

// A run that stands twice has a `problem` the second time.
History history_of(std::vector<PastRun> runs, const ChangeRules& rules = {});

}  // namespace loopgate
