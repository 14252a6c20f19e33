// Judges whether the load ran as its file requires: each part's processes, rates and end, the storm, and the
// time before measuring began. Pure.
#pragma once

#include "config/load.h"
#include "machine/machine.h"
#include "run/evidence.h"

namespace loopgate {

// Notes problems, the rows of evidence.json's `load` and what became of what the load's file asks for. Where
// the agent failed nothing was measured to its end: then nothing of it is judged, and nothing told.
void judge_load(const Report& report, const Load& load, const MachineRun& run, Evidence* evidence);

}  // namespace loopgate
