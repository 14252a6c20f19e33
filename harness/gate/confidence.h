// What a number of exceedances says about the share of all stimuli that exceed: exact binomial bounds, for
// independent stimuli at random phase. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

namespace loopgate {

// How sure a verdict must be. A whole passes only where each part does, so each PASS is held to the policy's
// confidence by itself. It fails where any part does, so that many parts would fail by chance more often than
// one: each FAIL is held to 1 - (1 - confidence) / parts, and all of them together to the policy's
// (Bonferroni; Dunn 1961, JASA 56, p. 52).
struct Confidence {
  double pass = 0.95;
  double fail = 0.95;

  constexpr Confidence(double of_both) : pass(of_both), fail(of_both) {}  // of a single part
  static constexpr Confidence of_one_in(std::size_t parts, double confidence) {
    Confidence one = confidence;
    if (parts > 1) one.fail = 1 - (1 - confidence) / static_cast<double>(parts);
    return one;
  }
};

// One-sided bounds of the share p after k of n exceeded (Clopper & Pearson 1934, Biometrika 26; as beta
// quantiles in Brown, Cai & DasGupta 2001, Statistical Science 16(2), eq. 4):
//   upper: the p with P(X <= k) = 1 - confidence, I^-1_confidence(k + 1, n - k), and 1 for k = n
//   lower: the p with P(X >= k) = 1 - confidence, I^-1_(1 - confidence)(k, n - k + 1), and 0 for k = 0
// For k = 0 the upper bound is 1 - (1 - confidence)^(1/n), about 3/n at 95 %. n above 0, k at most n. A NaN,
// which no comparison takes for a pass, stands for what can't be computed.
// `design_effect`: stimuli that come in clusters say as much as so many times fewer independent ones (Kish
// 1965, Survey Sampling, 8.2), and the bounds are of these.
double share_upper_bound(std::uint64_t exceeding, std::uint64_t count, double confidence,
                         double design_effect = 1);
double share_lower_bound(std::uint64_t exceeding, std::uint64_t count, double confidence,
                         double design_effect = 1);

// About how many stimuli would decide whether at most `share` exceed, if the share that was seen (k of n)
// held; not less than n. Nothing when no number up to 10^12 would, as when the share seen is the very one
// that is allowed.
std::optional<std::uint64_t> samples_to_decide(std::uint64_t exceeding, std::uint64_t count, double share,
                                               double confidence);

}  // namespace loopgate
