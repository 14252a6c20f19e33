#include "gate/clustering.h"

#include <algorithm>
#include <vector>

namespace loopgate {
namespace {

constexpr std::size_t least_exceedances = 100;

// What the largest 100 are above.
std::optional<std::int64_t> below_largest(const InOrder& replicates) {
  const std::vector<std::int64_t> largest = largest_of(replicates, least_exceedances + 1);
  if (largest.size() <= least_exceedances) return std::nullopt;
  return largest.front();
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

Clustering::Clustering(const GroupEvidence& group)
    : replicates_(in_order(group)), below_largest_ns_(below_largest(replicates_)) {
  if (below_largest_ns_) effect_of_largest_ = loopgate::design_effect_above(replicates_, *below_largest_ns_);
}

double Clustering::design_effect_above(std::int64_t limit_ns) const {
  if (replicates_.empty()) return 1;
  const double above_limit = loopgate::design_effect_above(replicates_, limit_ns);
  const bool largest_are_more = below_largest_ns_ && *below_largest_ns_ < limit_ns;
  return largest_are_more ? std::max(above_limit, effect_of_largest_) : above_limit;
}

double design_effect_above(const GroupEvidence& group, std::int64_t limit_ns) {
  return Clustering(group).design_effect_above(limit_ns);
}

}  // namespace loopgate
