// What the replicates of a kernel x load say of a limit, each by itself. Pure.
#pragma once

#include <optional>

#include "gate/checks.h"
#include "stats/quantities.h"

namespace loopgate {

// Of each replicate; nothing when one has no such figure.
std::optional<std::vector<double>> figures_of_replicates(const GroupEvidence& group,
                                                         const Quantity& quantity);

// The figure of the replicate in the middle (nearest rank); nothing when one has none.
std::optional<double> figure_of_middle_replicate(const GroupEvidence& group, const Quantity& quantity);
// Nothing where a replicate's share is not known exactly.
std::optional<double> share_of_middle_replicate(const GroupEvidence& group, std::int64_t limit_ns);

// Do enough of all replicates keep "at most `share` above the limit"? INCONCLUSIVE says whether more stimuli
// in each or more replicates would decide.
void judge_share_by_replicates(const GroupEvidence& group, std::int64_t limit_ns, double share,
                               const Criteria& criteria, Check* check);

}  // namespace loopgate
