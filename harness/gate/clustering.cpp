#include "gate/clustering.h"

#include <algorithm>
#include <vector>

namespace loopgate {
namespace {

constexpr std::size_t least_exceedances = 100;

// The limit, or what the largest 100 are above, where that is lower.
std::int64_t threshold_for(const InOrder& replicates, std::int64_t limit_ns) {
  const std::vector<std::int64_t> largest = largest_of(replicates, least_exceedances + 1);
  return largest.size() <= least_exceedances ? limit_ns : std::min(limit_ns, largest.front());
}

}  // namespace

InOrder in_order(const GroupEvidence& group) {
  InOrder replicates;
  for (const Replicate& each : group.replicates) {
    if (each.course == nullptr) return {};
    replicates.push_back(each.course->latency_ns.view());
  }
  return replicates;
}

double design_effect_above(const GroupEvidence& group, std::int64_t limit_ns) {
  const InOrder replicates = in_order(group);
  if (replicates.empty()) return 1;
  const double above_limit = design_effect_above(replicates, limit_ns);
  if (group.pooled->count_above(limit_ns).least > least_exceedances) return above_limit;
  const std::int64_t threshold_ns = threshold_for(replicates, limit_ns);
  return threshold_ns == limit_ns ? above_limit
                                  : std::max(above_limit, design_effect_above(replicates, threshold_ns));
}

}  // namespace loopgate
