// Is the bench sound? The board's own, known-good kernel is measured, idle, before and after the candidates:
// what it can't do, no candidate can be blamed for.
#pragma once

#include <string>
#include <vector>

#include "machine/machine.h"
#include "run/plan.h"
#include "run/progress.h"
#include "run/run_directory.h"

namespace loopgate {

// Two cells, `before` and `after`, of the kernel that the board boots by itself, without load: a few hundred
// stimuli of the suite's schedule.
Plan health_plan(const Plan& plan);

// Measures one of them into RUN/health/CELL. Gives why the bench is broken, in one sentence; empty when it is
// sound. Errors: of writing the outcome.
Result<std::string> check_health(const Plan& health, const Cell& cell, const TargetImage& target,
                                 Machine* machine, const RunDirectory& directory, Progress* progress);

// Whether the check of a cell was made, and the bench found sound.
bool was_sound(const RunDirectory& directory, const Cell& cell);

// What an earlier part of the run found says nothing of cells that are measured after it.
Status forget_health(const RunDirectory& directory, const Cell& cell);

// Of these cells, those that failed by their kernel's fault become INVALID for this reason: a bench that is
// broken, or was not checked again, may have caused it. Appends an amendment to each.
Status mark_kernel_failures_invalid(const RunDirectory& directory, const std::vector<Cell>& cells,
                                    const std::string& reason);

// On a bench that lost answers of the known-good kernel, or was somebody else's: the same, and of the
// measured ones those with a counted stimulus that had no answer, too.
Status blame_no_kernel(const RunDirectory& directory, const std::vector<Cell>& cells,
                       const std::string& reason);

}  // namespace loopgate
