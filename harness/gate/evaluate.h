// Statistics + policy (+ baseline) -> verdict. Pure: reads and writes nothing.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "gate/policy.h"
#include "gate/verdict.h"
#include "stats/comparison.h"

namespace loopgate {

struct Baseline {
  std::string name;  // for messages and the verdict's file
  Comparison comparison;
};

// What of a policy must be about something that was measured: each rule, as of a run; or at least one budget,
// as of a single measurement of one kernel, which a policy for many judges as well.
enum class Coverage { each_rule, any_budget };

// A usage error when the policy is of another suite or time base, has a rule that matches no kernel x load of
// the run, or needs a baseline that is not given (or the reverse), and when the baseline does not fit.
//
// And a usage error when the evidence has no replicates to count, or only bounds where figures are compared.
//
// A kernel x load with a cell that is not measured gets no other checks: FAIL when its kernel failed, else
// INVALID. The whole is FAIL when a kernel failed, else as the worst of its parts: INVALID, FAIL,
// INCONCLUSIVE, PASS.
Result<Verdict> evaluate(const Comparison& evidence, const Policy& policy,
                         const std::optional<Baseline>& baseline, Coverage coverage = Coverage::each_rule);

}  // namespace loopgate
