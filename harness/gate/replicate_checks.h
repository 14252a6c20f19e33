// What the replicates of a kernel x load say of a limit, each by itself. Pure.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gate/checks.h"
#include "gate/replicate_tally.h"
#include "stats/quantities.h"

namespace loopgate {

// Of each replicate; nothing when one has no such figure.
std::optional<std::vector<double>> figures_of_replicates(const GroupEvidence& group,
                                                         const Quantity& quantity);

// The figure of the replicate in the middle (nearest rank); nothing when one has none.
std::optional<double> figure_of_middle_replicate(const GroupEvidence& group, const Quantity& quantity);

// How many of each replicate's stimuli took longer than the limit.
std::vector<ReplicateShare> shares_above(const GroupEvidence& group, std::int64_t limit_ns);
// How many of each replicate's decisions for the right frame were wrong.
std::vector<ReplicateShare> shares_wrong(const GroupEvidence& group);

// The share of the replicate in the middle; nothing where one's is not known exactly, or is of nothing.
std::optional<double> share_of_middle_replicate(const std::vector<ReplicateShare>& replicates);

// Do enough of all replicates keep "at most `share`"? `counted` says in words what all of them showed.
// INCONCLUSIVE says whether more stimuli in each or more replicates would decide.
void judge_share_by_replicates(const std::vector<ReplicateShare>& replicates, const std::string& counted,
                               double share, const Criteria& criteria, Check* check);

}  // namespace loopgate
