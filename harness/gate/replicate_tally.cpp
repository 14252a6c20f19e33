#include "gate/replicate_tally.h"

#include <algorithm>
#include <cmath>

#include "gate/confidence.h"

namespace loopgate {
namespace {

constexpr std::uint64_t most_replicates = 1'000;

}  // namespace

ReplicateTally tally_replicates(const std::vector<ReplicateShare>& replicates, double share,
                                double confidence) {
  ReplicateTally tally;
  for (const ReplicateShare& each : replicates) {
    const bool keeps = share_upper_bound(each.above.most, each.total.most, confidence) <= share;
    const bool misses =
        each.total.least > 0 && share_lower_bound(each.above.least, each.total.least, confidence) > share;
    ++(keeps ? tally.keep : misses ? tally.miss : tally.open);
  }
  return tally;
}

double replicate_fraction_lower_bound(std::uint64_t seen, std::uint64_t replicates, double confidence,
                                      double of_each) {
  const double error = 1 - of_each;
  return std::max(0.0, (share_lower_bound(seen, replicates, confidence) - error) / (1 - error));
}

VerdictKind judge_replicates(const ReplicateTally& tally, double min_replicate_fraction,
                             const Confidence& confidence) {
  if (tally.replicates() == 0) return VerdictKind::inconclusive;
  if (replicate_fraction_lower_bound(tally.keep, tally.replicates(), confidence.pass, confidence.pass) >=
      min_replicate_fraction)
    return VerdictKind::pass;
  if (replicate_fraction_lower_bound(tally.miss, tally.replicates(), confidence.fail, confidence.pass) >
      1 - min_replicate_fraction)
    return VerdictKind::fail;
  return VerdictKind::inconclusive;
}

bool more_stimuli_could_decide(const ReplicateTally& tally, double min_replicate_fraction,
                               const Confidence& confidence) {
  const ReplicateTally all_keep = {tally.keep + tally.open, tally.miss, 0};
  const ReplicateTally all_miss = {tally.keep, tally.miss + tally.open, 0};
  return judge_replicates(all_keep, min_replicate_fraction, confidence) != VerdictKind::inconclusive ||
         judge_replicates(all_miss, min_replicate_fraction, confidence) != VerdictKind::inconclusive;
}

std::optional<std::uint64_t> replicates_to_decide(const ReplicateTally& tally, double min_replicate_fraction,
                                                  const Confidence& confidence) {
  const std::uint64_t decided = tally.keep + tally.miss;
  const double missing = decided == 0 ? 0.0 : static_cast<double>(tally.miss) / static_cast<double>(decided);
  const bool mostly_keep = 1 - missing >= min_replicate_fraction;
  for (std::uint64_t replicates = tally.replicates() + 1; replicates <= most_replicates; ++replicates) {
    const double miss = missing * static_cast<double>(replicates);
    // What is rounded to whole replicates is rounded against the verdict.
    const auto rounded =
        static_cast<std::uint64_t>(mostly_keep ? std::ceil(miss - 1e-9) : std::floor(miss + 1e-9));
    const ReplicateTally then = {replicates - rounded, rounded, 0};
    if (judge_replicates(then, min_replicate_fraction, confidence) != VerdictKind::inconclusive)
      return replicates;
  }
  return std::nullopt;
}

}  // namespace loopgate
