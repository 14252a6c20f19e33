// Whether a policy's rules of programs fit a run. Pure.
#pragma once

#include "base/result.h"
#include "gate/policy.h"
#include "stats/comparison.h"

namespace loopgate {

// A usage error where rules of programs and of an instrument's latencies do not fit what was measured: the
// two never meet.
Status check_program_rules(const Policy& policy, const Comparison& comparison);

}  // namespace loopgate
