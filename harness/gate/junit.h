// The verdict as JUnit XML: a testsuite for each kernel x load, a testcase for each check. FAIL is a failure,
// INVALID and INCONCLUSIVE are errors, so that no CI system takes them for passed or skipped; NOT GATED is
// skipped with its reason.
#pragma once

#include <string>

#include "gate/verdict.h"
#include "stats/comparison.h"

namespace loopgate {

std::string to_junit(const Verdict& verdict, const Comparison& comparison);

}  // namespace loopgate
