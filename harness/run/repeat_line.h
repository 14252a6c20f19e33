// One line to paste into a shell that measures a single cell again.
#pragma once

#include <string>

#include "run/plan.h"

namespace loopgate {

// `program` is how loopgate was started, `request` what made the plan. The new run stands beside `out`, the
// folder of the run that the cell is of: OUT-CELL.
std::string repeat_line(const std::string& program, const PlanRequest& request, const Plan& plan,
                        const Cell& cell, const std::string& out);

}  // namespace loopgate
