// Between which latencies a quantile of all stimuli there could be lies, as far as those that were measured
// tell: what a figure on a page cannot say by itself. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "stats/comparison.h"

namespace loopgate {

// Each end holds at the confidence, by the bounds that a budget of that quantile is judged by: not sent and
// unanswered stimuli count as there, and those that come in clusters for fewer. Without an upper end where so
// few stimuli, or those without an answer, leave it open. Nothing where the quantile is not resolved, where
// single samples are not known, and where what is above it gathers in few replicates: then it is of these and
// not of all.
std::optional<LatencyRange> quantile_interval(const GroupEvidence& group, std::uint32_t per_million,
                                              double confidence);

}  // namespace loopgate
