// Checks of programs that measured by themselves. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gate/checks.h"
#include "gate/policy.h"
#include "gate/verdict.h"
#include "stats/comparison.h"

namespace loopgate {

// Of a kernel x load whose cells are all measured: what its rules demand of each program, what failed or is
// invalid whatever the rules say, a line, not gated, for each program that no rule names, and one, which
// never passes, for all that rules name and this run has left out.
// `left_out`: of the suite, which "*" speaks of as well.
std::vector<Check> program_checks(const GroupEvidence& group, const Policy& policy, const Criteria& criteria,
                                  const std::vector<std::string>& left_out);

}  // namespace loopgate
