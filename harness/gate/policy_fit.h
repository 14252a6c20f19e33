// Whether a policy can judge a measurement at all. What it cannot is the user's mistake, and no verdict.
#pragma once

#include "gate/evaluate.h"

namespace loopgate {

// A usage error where the policy is of another suite or time base, names what was not measured, counts what
// the evidence does not have, has a limit that cannot fail, or has rules for a baseline that does not fit.
Status check_applies(const Policy& policy, const Comparison& comparison,
                     const std::optional<Baseline>& baseline, Coverage coverage);

// The same of a run that is planned: a usage error where a rule names what it will not measure, or has a
// limit that cannot fail. What its evidence has is not known yet.
Status check_fits_plan(const Policy& policy, const Comparison& planned);

// Of a rule for a kernel and load that the run has not: the error says what is missing and what there is.
Status refuse_pattern(const std::string& policy_file, const char* rule, const Pattern& pattern,
                      const Comparison& comparison);

}  // namespace loopgate
