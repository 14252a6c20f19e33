// What to do about cells that were not measured by no fault of the kernel's: one line, with the command.
#pragma once

#include <filesystem>
#include <string>

#include "record/run_record.h"
#include "stats/comparison.h"

namespace loopgate {

// "2 cells must be measured again -> loopgate run ... --resume --out FOLDER"; of a merged run, with the
// shards that measured them. Empty where there is none, and of a capture.
std::string next_step_of(const std::string& program, const RunRecord& run,
                         const std::filesystem::path& folder, const Comparison& comparison);

}  // namespace loopgate
