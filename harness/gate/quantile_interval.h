// Between which latencies a quantile of all stimuli there could be lies, as far as those that were measured
// tell: what a figure on a page cannot say by itself. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "stats/comparison.h"

namespace loopgate {

// For virtual time, where samples are counted: on a board the samples of a boot share what it drew, so that
// replicates count, and these bounds would be too narrow.
// Each end holds at the confidence, by the bounds of a budget of that quantile: not sent and unanswered
// stimuli count as there, and those that come in clusters, or more in one replicate than in another, for
// fewer. Without an upper end where so few stimuli, or those without an answer, leave it open. Nothing where
// the quantile is not resolved, where single samples are not known, and where what is above it gathers in few
// replicates: then it is of these and not of all.
// Where eight replicates differ by 35 % in their slow ones, the upper end is too low in 10 % of those that
// are given, instead of 5 %: eight say roughly how much they differ.
std::optional<LatencyRange> quantile_interval(const GroupEvidence& group, std::uint32_t per_million,
                                              double confidence);

}  // namespace loopgate
