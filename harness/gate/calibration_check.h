// What a calibration says of the gate that is made of a run, in one line, and whether it may. Pure.
#pragma once

#include <string>

#include "base/result.h"
#include "gate/policy.h"
#include "record/calibration.h"
#include "stats/comparison.h"

namespace loopgate {

// A usage error that names what differs: policy, suite, board, load, base image, QEMU or instrument; a kernel
// x load that the policy judges and that was not calibrated; another number of replicates or stimuli; or no
// baseline where the calibration had one. Kernels' images differ: they are what is gated.
Status check_calibration(const Calibration& calibration, const std::string& name, const Comparison& run,
                         const Policy& policy, bool has_baseline);

// "this gate: false alarms at most 0.2 % (0 of 2,000 draws of 8 from 64 replicates), finds +2 % of p50 in at
// least 99.8 %, ...": bounds, rounded away from what was seen; of several kernels the worst and the best.
std::string error_rates_text(const Calibration& calibration);

// "no calibration was given ...", with the command that would measure one.
std::string not_calibrated_text(const std::string& suite, const std::string& policy);

// "at most 0.2 %", "at least 99.8 %".
std::string at_most_text(double share);
std::string at_least_text(double share);

}  // namespace loopgate
