// Whether a series changes slowly: the power of its first two cosine terms against the others', by
// permutation. Pure; stationarity.h says why it is done so.
#pragma once

#include <optional>
#include <vector>

namespace loopgate {

using Series = std::vector<double>;

// One figure of each block: of each replicate, and their average.
struct BlockFigures {
  std::vector<Series> of_replicates;
  Series mean;
};

double mean_of(const Series& values);

// The share of the orders of the same figures whose slow terms are as strong as those that were seen. It
// stops where it is known to be no alarm (Besag & Clifford 1991, Biometrika 78, p. 301).
double p_of_slow_change(const BlockFigures& figures);

// The mean square of the blocks over that of what is left of the replicates without them: about 1 where these
// have nothing in common. Nothing of fewer than three.
std::optional<double> shared_by_replicates(const BlockFigures& figures);

}  // namespace loopgate
