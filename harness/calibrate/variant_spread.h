// Do null changes move the figures by more than replicates of one variant differ? Kruskal and Wallis' test
// (1952, JASA 47, p. 583) over the variants, p by permuting which replicate is whose, since so few replicates
// are too few for the chi-squared distribution. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "calibrate/replicate_pool.h"
#include "record/calibration.h"

namespace loopgate {

struct RankTest {
  double statistic = 0;  // H, corrected for ties
  double p = 1;
};

// `figures`: group by group, `each` of them in a group. `permutations` above 0.
RankTest rank_test(const std::vector<double>& figures, std::size_t each, std::uint64_t permutations,
                   std::uint64_t seed);

// Of the median and of the mean of the slowest 1 %, of every kernel x load.
std::vector<VariantTest> test_variants(const ReplicatePool& pool, std::uint64_t permutations,
                                       std::uint64_t seed);

}  // namespace loopgate
