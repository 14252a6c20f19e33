// Whether another run may serve as a baseline of this one. Pure.
#pragma once

#include <string>

#include "base/result.h"
#include "gate/policy.h"
#include "stats/comparison.h"

namespace loopgate {

// A usage error that names both values when the baseline is of another board, suite, time base, schedule or
// definition of a load that a [[baseline]] rule speaks of, or lacks a kernel x load that one does. The seed
// and the number of samples may differ.
Status check_baseline(const Comparison& run, const Comparison& baseline, const std::string& baseline_name,
                      const Policy& policy);

}  // namespace loopgate
