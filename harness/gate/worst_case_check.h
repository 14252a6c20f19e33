// What `bound` composed of a run's cells (record/worst_case.h) and `hunt` found in them (record/hunt_file.h),
// held against a limit or against another kernel's. Pure.
//
// It is no sample, so nothing of it is counted: the largest of the recorded replicates is judged. Where there
// is none, INCONCLUSIVE, with the command that makes it. A bound that any sample of the kernel under this
// load exceeds, recorded or not, is INVALID: it is none. Where a hunt made the kernel fail, or left a
// stimulus without an answer, no limit of what was hunted holds.
#pragma once

#include "gate/policy.h"
#include "gate/verdict.h"
#include "stats/comparison.h"

namespace loopgate {

// Whether any rule is of such a quantity.
bool asks_for_worst_case(const Policy& policy);

Check check_worst_case(const GroupEvidence& group, const Limit& limit);

// `check` is the ratio's, and gets its verdict.
void judge_worst_case_ratio(const GroupEvidence& group, const GroupEvidence& reference, const RatioRule& rule,
                            Check* check);

}  // namespace loopgate
