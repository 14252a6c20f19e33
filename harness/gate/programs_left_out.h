// The programs that a policy names and a run was told to leave out. Pure.
#pragma once

#include <vector>

#include "gate/policy.h"
#include "gate/verdict.h"
#include "stats/comparison.h"

namespace loopgate {

// Nothing, or one check of all of which something is demanded, which never passes, and one, not gated, of the
// others.
std::vector<Check> left_out_checks(const GroupEvidence& group, const Policy& policy);

}  // namespace loopgate
