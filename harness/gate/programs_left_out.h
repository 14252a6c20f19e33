// The programs that a policy names and a run was told to leave out. Pure.
#pragma once

#include <string>
#include <vector>

#include "gate/policy.h"
#include "gate/verdict.h"
#include "stats/comparison.h"

namespace loopgate {

// `of_suite`: what the run left out of the suite, which a rule of "*" speaks of as one that names it does.
// Nothing, or one check of all of which something is demanded, which never passes, and one, not gated, of the
// others.
std::vector<Check> left_out_checks(const GroupEvidence& group, const Policy& policy,
                                   const std::vector<std::string>& of_suite);

}  // namespace loopgate
