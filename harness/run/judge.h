// Judges a cell by what was left of it: the machine's word and the files in the cell's folder. Starts
// nothing, so a saved cell can be judged again.
#pragma once

#include <optional>
#include <string>

#include "machine/machine.h"
#include "record/outcome.h"
#include "run/plan.h"
#include "stats/cell_result.h"

namespace loopgate {

// Makes a measured outcome INVALID. The first reason is the cause of the later ones, which are not kept.
void set_invalid(Outcome* outcome, std::string reason, std::string next_step = {});

// Leaves evidence.json in the request's folder. `outcome` is that of a cell that nothing is said against yet.
// Gives what the samples come to; nothing when they can't be believed.
std::optional<CellFigures> judge_cell(const MachineRun& run, const Plan& plan, const Cell& cell,
                                      const CellRequest& request, Outcome* outcome);

}  // namespace loopgate
