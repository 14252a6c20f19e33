// A cell that drifts: its tail is that of the moments that were measured, and says nothing of the others.
// Pure.
#pragma once

#include <optional>
#include <vector>

#include "gate/evaluate.h"
#include "gate/verdict.h"
#include "stats/comparison.h"

namespace loopgate {

// Makes each PASS of a tail INCONCLUSIVE where the group drifts, or, of a ratio, what it is held against: of
// a quantile from p99 on, the mean above one, the maximum, the spread, or the share above a latency. What
// broke a limit was seen, so a FAIL stays one; counts, medians and means stay as they are.
void hold_drifting(const GroupEvidence& group, const Comparison& run, const std::optional<Baseline>& baseline,
                   std::vector<Check>* checks);

}  // namespace loopgate
