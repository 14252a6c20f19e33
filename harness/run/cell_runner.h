// One cell from its request to its outcome: has the machine measure it, and run/judge.h judge what it left.
#pragma once

#include <optional>

#include "machine/machine.h"
#include "record/outcome.h"
#include "run/plan.h"
#include "stats/cell_result.h"

namespace loopgate {

// Leaves everything but outcome.json in the request's folder. Never fails: what went wrong is in the outcome.
// `figures`: what the samples come to, so that they are not read again; nothing when they can't be believed.
Outcome run_cell(Machine* machine, const Plan& plan, const Cell& cell, const CellRequest& request,
                 const ProgressListener& on_progress, std::optional<CellFigures>* figures = nullptr);

// Measures the cell once more beside the first and compares the samples. A difference makes the outcome
// invalid, and says at which sample it began.
void verify_determinism(Machine* machine, const Plan& plan, const Cell& cell, const CellRequest& request,
                        const ProgressListener& on_progress, Outcome* outcome);

}  // namespace loopgate
