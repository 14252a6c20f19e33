// Whether what exceeded a limit gathers in few replicates. The binomial bounds of pooled stimuli take each
// for an independent draw, which one long event that delays many, or one trajectory that is unlike the
// others, would belie. Pure.
#pragma once

#include <vector>

#include "gate/replicate_tally.h"

namespace loopgate {

// Below it replicates differ by more than chance.
inline constexpr double gathering_by_chance = 0.01;

// The chance that any replicate would have so large a part of all exceedances as the fullest one has, were
// they spread by chance alone: at most the sum over the replicates of P(Binomial(k, n_i / n) >= k_i) for the
// smallest of these (Bonferroni), which needs no large numbers, as a chi-square would. 1 where there is
// nothing to gather, where there is one replicate, or where counts are ranges.
double chance_of_gathering(const std::vector<ReplicateShare>& replicates);

// How much more the replicates' numbers of exceedances differ than independent stimuli's would; at least 1.
double dispersion_above(const std::vector<ReplicateShare>& replicates);

}  // namespace loopgate
