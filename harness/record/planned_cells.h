// Whether run.json's cells are those that its kernels, its loads and its repetitions plan: a cell that was
// taken out would be missed by nobody.
#pragma once

#include <string>

#include "record/run_record.h"

namespace loopgate {

// "lacks preempt-rt.mixed.3, which ..."; empty where each is there once, and no other.
std::string planned_cells_complaint(const RunRecord& run);

}  // namespace loopgate
