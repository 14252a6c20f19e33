// One cell from its order to its outcome: has the machine measure it, then judges the samples and the
// evidence.
#pragma once

#include "machine/machine.h"
#include "run/outcome.h"
#include "run/plan.h"

namespace loopgate {

// Leaves everything but outcome.json in the order's folder. Never fails: what went wrong is in the outcome.
Outcome run_cell(Machine* machine, const Plan& plan, const Cell& cell, const CellRequest& order,
                 const ProgressListener& observe);

// Measures the cell once more beside the first and compares the samples. A difference makes the outcome
// invalid, and says at which sample it began.
void verify_determinism(Machine* machine, const Plan& plan, const Cell& cell, const CellRequest& order,
                        const ProgressListener& observe, Outcome* outcome);

}  // namespace loopgate
