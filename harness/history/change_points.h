// Where a series of runs changed: E-divisive (Matteson and James, "A Nonparametric Approach for Multiple
// Change Point Analysis of Multivariate Data", JASA 109, 2014), as MongoDB uses it on performance figures
// (Daly et al., "The Use of Change Point Detection to Identify Software Performance Regressions in a
// Continuous Integration System", ICPE 2020): the energy statistic with the distance |x - y|, each segment
// split in two, the best split of all segments kept while it is significant. Pure.
//
// A warning, and no gate: one row of figures in a hundred that never changed shows a change.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace loopgate {

struct ChangeRules {
  std::size_t least_runs = 5;  // on each side of a change
  std::uint64_t permutations = 199;
  double significance = 0.01;  // p of a change is at most this: 1 permutation of 199 reaches it, or none
  std::uint64_t seed = 1;      // of the permutations: equal series have equal changes
};

struct ChangePoint {
  std::size_t at = 0;  // the first value after it
  double p = 1;        // share of the permutations within segments, and this one, that split at least as well
};

// In ascending order. Values are finite; equal ones have no change among them.
std::vector<ChangePoint> change_points(const std::vector<double>& values, const ChangeRules& rules = {});

}  // namespace loopgate
