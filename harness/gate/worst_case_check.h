// What a run's recorded cells were composed to (record/worst_case.h), held against a limit or against another
// kernel's. Pure.
//
// It is no sample, so nothing of it is counted: the largest of the recorded replicates is judged. Where there
// is none, INCONCLUSIVE, with the command that makes it. A bound that any sample of the kernel under this
// load exceeds, recorded or not, is INVALID: it is none.
#pragma once

#include "gate/policy.h"
#include "gate/verdict.h"
#include "stats/comparison.h"

namespace loopgate {

Check check_worst_case(const GroupEvidence& group, const Limit& limit);

// `check` is the ratio's, and gets its verdict.
void judge_worst_case_ratio(const GroupEvidence& group, const GroupEvidence& reference, const RatioRule& rule,
                            Check* check);

}  // namespace loopgate
