// What a number of exceedances says about the share of all stimuli that exceed: exact binomial bounds, for
// independent stimuli at random phase. Pure.
#pragma once

#include <cstdint>
#include <optional>

namespace loopgate {

// One-sided bounds of the share p after k of n exceeded (Clopper & Pearson 1934, Biometrika 26; as beta
// quantiles in Brown, Cai & DasGupta 2001, Statistical Science 16(2), eq. 4):
//   upper: the p with P(X <= k) = 1 - confidence, I^-1_confidence(k + 1, n - k), and 1 for k = n
//   lower: the p with P(X >= k) = 1 - confidence, I^-1_(1 - confidence)(k, n - k + 1), and 0 for k = 0
// For k = 0 the upper bound is 1 - (1 - confidence)^(1/n), about 3/n at 95 %. n above 0, k at most n. A NaN,
// which no comparison takes for a pass, stands for what can't be computed.
double share_upper_bound(std::uint64_t exceeding, std::uint64_t count, double confidence);
double share_lower_bound(std::uint64_t exceeding, std::uint64_t count, double confidence);

// About how many stimuli would decide whether at most `share` exceed, if the share that was seen (k of n)
// held; not less than n. Nothing when no number up to 10^12 would, as when the share seen is the very one
// that is allowed.
std::optional<std::uint64_t> samples_to_decide(std::uint64_t exceeding, std::uint64_t count, double share,
                                               double confidence);

}  // namespace loopgate
