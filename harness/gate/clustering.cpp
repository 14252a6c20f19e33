#include "gate/clustering.h"

#include <algorithm>
#include <functional>
#include <vector>

namespace loopgate {
namespace {

constexpr std::size_t least_exceedances = 100;

// The limit, or what the largest 100 are above, where that is lower.
std::int64_t threshold_for(const InOrder& replicates, std::int64_t limit_ns) {
  std::vector<std::int64_t> all;
  for (const auto& each : replicates) all.insert(all.end(), each.begin(), each.end());
  if (all.size() <= least_exceedances) return limit_ns;
  const auto at = all.begin() + static_cast<std::ptrdiff_t>(least_exceedances);
  std::nth_element(all.begin(), at, all.end(), std::greater<>());
  return std::min(limit_ns, *at);
}

}  // namespace

InOrder in_order(const GroupEvidence& group) {
  InOrder replicates;
  for (const Replicate& each : group.replicates) {
    if (each.course == nullptr) return {};
    replicates.emplace_back(each.course->latency_ns);
  }
  return replicates;
}

double design_effect_above(const GroupEvidence& group, std::int64_t limit_ns) {
  const InOrder replicates = in_order(group);
  if (replicates.empty()) return 1;
  const double above_limit = exceedances_above(replicates, limit_ns).design_effect;
  return std::max(above_limit,
                  exceedances_above(replicates, threshold_for(replicates, limit_ns)).design_effect);
}

}  // namespace loopgate
