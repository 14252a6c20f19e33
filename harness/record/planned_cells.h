// Whether run.json's cells are those that its kernels, its loads and its repetitions plan, and those of its
// folder: a cell that was taken out would be missed by nobody, and one that was put in would be believed to
// count.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "record/run_record.h"

namespace loopgate {

// "lacks preempt-rt.mixed.3, which ..."; empty where each is there once, and no other.
std::string planned_cells_complaint(const RunRecord& run);

// The names in the run's folder cells/ that run.json does not plan, sorted: nobody reads them, and whoever
// put them there should know. Empty where cells/ cannot be read.
std::vector<std::string> cells_beside(const RunRecord& run, const std::filesystem::path& folder);

}  // namespace loopgate
