#include "gate/boots.h"

#include <algorithm>
#include <cmath>

#include "gate/confidence.h"

namespace loopgate {
namespace {

constexpr std::uint64_t most_boots = 1'000;

}  // namespace

BootTally tally_boots(const std::vector<BootShare>& boots, double share, double confidence) {
  BootTally tally;
  for (const BootShare& boot : boots) {
    if (share_upper_bound(boot.above, boot.total, confidence) <= share) {
      ++tally.keep;
    } else if (share_lower_bound(boot.above, boot.total, confidence) > share) {
      ++tally.miss;
    } else {
      ++tally.open;
    }
  }
  return tally;
}

double share_of_boots_lower_bound(std::uint64_t seen, std::uint64_t boots, double confidence) {
  const double error = 1 - confidence;
  return std::max(0.0, (share_lower_bound(seen, boots, confidence) - error) / (1 - error));
}

VerdictKind judge_boots(const BootTally& tally, double share_of_boots, double confidence) {
  if (tally.boots() == 0) return VerdictKind::inconclusive;
  if (share_of_boots_lower_bound(tally.keep, tally.boots(), confidence) >= share_of_boots)
    return VerdictKind::pass;
  if (share_of_boots_lower_bound(tally.miss, tally.boots(), confidence) > 1 - share_of_boots)
    return VerdictKind::fail;
  return VerdictKind::inconclusive;
}

bool more_stimuli_could_decide(const BootTally& tally, double share_of_boots, double confidence) {
  const BootTally all_keep = {tally.keep + tally.open, tally.miss, 0};
  const BootTally all_miss = {tally.keep, tally.miss + tally.open, 0};
  return judge_boots(all_keep, share_of_boots, confidence) != VerdictKind::inconclusive ||
         judge_boots(all_miss, share_of_boots, confidence) != VerdictKind::inconclusive;
}

std::optional<std::uint64_t> boots_to_decide(const BootTally& tally, double share_of_boots,
                                             double confidence) {
  const std::uint64_t decided = tally.keep + tally.miss;
  const double missing = decided == 0 ? 0.0 : static_cast<double>(tally.miss) / static_cast<double>(decided);
  const bool mostly_keep = 1 - missing >= share_of_boots;
  for (std::uint64_t boots = tally.boots() + 1; boots <= most_boots; ++boots) {
    const double miss = missing * static_cast<double>(boots);
    // What is rounded to whole boots is rounded against the verdict.
    const auto rounded =
        static_cast<std::uint64_t>(mostly_keep ? std::ceil(miss - 1e-9) : std::floor(miss + 1e-9));
    const BootTally then = {boots - rounded, rounded, 0};
    if (judge_boots(then, share_of_boots, confidence) != VerdictKind::inconclusive) return boots;
  }
  return std::nullopt;
}

}  // namespace loopgate
