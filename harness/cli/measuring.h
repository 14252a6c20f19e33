// A prepared session, measured by who sits at the terminal: progress, remarks on the kernels, and Ctrl-C.
#pragma once

#include <filesystem>

#include "run/measure_plan.h"
#include "run/session.h"

namespace loopgate {

struct AtTerminal {
  const PlanRequest& request;
  RunOptions options;
  std::filesystem::path out;
  bool resume = false;
};

// On a board, one that was asked to stop ends after its cell: interrupted() says so.
Result<MeasuredRun> measure_at_terminal(Session* session, const AtTerminal& what);

}  // namespace loopgate
