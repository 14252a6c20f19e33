// By which factor the replicates of one kernel (on a board: its boots) lie above those of another: the ratio
// of every replicate of the one to every replicate of the other, their median (Hodges & Lehmann 1963, Ann.
// Math. Stat. 34, p. 598), and its exact interval by the Mann-Whitney distribution (1947, Ann. Math. Stat.
// 18, p. 50; the interval as in Hollander, Wolfe & Chicken, Nonparametric Statistical Methods, 3rd ed., 4.3,
// on logarithms). Pure.
//
// Exact when both kernels' replicates spread alike but for the factor; no shape of that spread is assumed.
// Ties (equal figures) make the closed interval hold with more than the confidence, never with less. Where
// one kernel's replicates spread much wider than the other's, the chance of a wrong verdict can exceed the
// promised one: 6 % a side instead of 2.5 % was seen with 4 replicates each when one kernel's hardly differ
// at all.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace loopgate {

struct RatioInterval {
  double ratio = 0;  // Hodges-Lehmann estimate
  double low = 0;    // the confidence interval, both ends in it
  double high = 0;
};

// `figures` and `reference` above 0, one of each replicate. Nothing when there are too few replicates for an
// interval at this two-sided confidence.
std::optional<RatioInterval> ratio_interval(const std::vector<double>& figures,
                                            const std::vector<double>& reference, double confidence);

// How many of the m x n ratios may lie outside of the interval at either end; nothing when not even none of
// them may: 3 x 3 replicates give 20 orders, and two-sided 95 % needs one end to be rarer than 1 in 40.
std::optional<std::uint64_t> ratios_outside(std::uint64_t m, std::uint64_t n, double confidence);

// How many replicates of each kernel there must be for any interval at this confidence: 4 at 95 %, 5 at 99 %.
std::uint64_t replicates_to_compare(double confidence);

// How many replicates of each would decide whether the ratio is at most `limit`, if the share of the pairs
// above it stayed as it is; more than the smaller number of them. Nothing when 50 would not.
std::optional<std::uint64_t> replicates_to_decide_ratio(const std::vector<double>& figures,
                                                        const std::vector<double>& reference, double limit,
                                                        double confidence);

}  // namespace loopgate
