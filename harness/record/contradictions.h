// What outcome.json says of how a cell ended, held against what else it says: no run writes one that
// contradicts itself, so one that does was altered.
#pragma once

#include <string>

#include "record/outcome.h"
#include "record/run_record.h"

namespace loopgate {

// "it is measured, and has a reason why not: ..."; empty where it agrees with itself and its run.
std::string contradiction_in(const Outcome& outcome, const RunRecord& run);

}  // namespace loopgate
