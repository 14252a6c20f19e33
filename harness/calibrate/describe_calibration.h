// What a calibration is of: the beginning of its file. And its table for a terminal. Pure.
#pragma once

#include <string>

#include "gate/policy.h"
#include "record/calibration.h"
#include "record/run_record.h"

namespace loopgate {

// `run`: any of the variants; `variants`: how many.
Calibration describe_calibration(const RunRecord& run, const Policy& policy, std::uint64_t variants);

// What was asked, what was seen, and what follows for all draws; then what null changes do; then the one line
// that the gate says of itself.
std::string calibration_table(const Calibration& calibration);

}  // namespace loopgate
