// A whole run, from a prepared session to a run directory with the outcome of every cell.
#pragma once

#include <filesystem>
#include <functional>

#include "base/notify.h"
#include "base/result.h"
#include "run/progress.h"
#include "run/runner.h"
#include "run/session.h"

namespace loopgate {

struct MeasureRequest {
  std::filesystem::path folder;
  bool resume = false;
  RunOptions options;
  LoopgateVersion loopgate;
  PlanRequest plan_request;  // names the files of the user's own
};

// What the caller may see and say meanwhile; each may be empty.
struct MeasureHooks {
  Notify notify;
  std::function<void()> on_cells_begin;                   // from here on a board may be on a candidate
  std::function<void(const Error& error)> on_late_error;  // beside what measure_plan() returns
};

struct MeasuredRun {
  std::filesystem::path folder;
  bool bench_sound = true;     // to the end
  bool kernel_failed = false;  // in a cell
  bool all_measured = true;
  KnownFigures figures;  // of the cells whose samples were read meanwhile, be they from an earlier run
};

// Borrows the board of labgrid, where it is labgrid's, for as long as it is measured and no longer. Errors:
// where no cell could be measured at all, or an outcome could not be written; what became of each cell is in
// its outcome.
Result<MeasuredRun> measure_plan(Session* session, const MeasureRequest& request, const MeasureHooks& hooks,
                                 Progress* progress);

}  // namespace loopgate
