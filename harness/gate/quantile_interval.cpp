#include "gate/quantile_interval.h"

#include <algorithm>

#include "gate/clustering.h"
#include "gate/confidence.h"
#include "gate/gathering.h"
#include "gate/replicate_checks.h"
#include "stats/resolution.h"

namespace loopgate {
namespace {

// The least number from `from` on, up to `most`, of which `reached` is true; it stays true for every larger
// one. `most` + 1 where it is for none.
template <class Reached>
std::uint64_t least_number(std::uint64_t most, const Reached& reached) {
  std::uint64_t low = 0;
  std::uint64_t high = most + 1;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (middle <= most && !reached(middle)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

// The least latency that at most so many exceed; nothing where more have no end.
std::optional<std::int64_t> least_latency(const Tail& tail, std::uint64_t above) {
  std::int64_t low = 0;
  std::int64_t high = tail.max().low_ns;
  if (tail.count_above(high).most > above) return std::nullopt;
  while (low < high) {
    const std::int64_t middle = low + (high - low) / 2;
    if (tail.count_above(middle).most <= above) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

}  // namespace

std::optional<LatencyRange> quantile_interval(const GroupEvidence& group, std::uint32_t per_million,
                                              double confidence) {
  if (group.pooled == nullptr || !group.pooled->exact() || group.pooled->count() == 0) return std::nullopt;
  const Tail& tail = *group.pooled;
  const std::uint64_t total = tail.total().least;
  if (!is_resolved(per_million, total)) return std::nullopt;
  const std::int64_t seen_ns = tail.quantile(per_million).low_ns;
  // Of those that took at least as long: where many took equally long, none may have taken longer.
  const std::vector<ReplicateShare> shares = shares_above(group, seen_ns - 1);
  if (chance_of_gathering(shares) < gathering_by_chance) return std::nullopt;
  const double effect = std::max(design_effect_above(group, seen_ns), dispersion_above(shares));
  const double share = static_cast<double>(1'000'000 - per_million) / 1e6;
  // With so many above a latency, the quantile is surely above it; with fewer, it may be at it or below.
  const std::uint64_t surely_above = least_number(total, [&](std::uint64_t above) {
    return share_lower_bound(above, total, confidence, effect) > share;
  });
  // From so many on it is not sure that the quantile is no larger.
  const std::uint64_t maybe_above = least_number(total, [&](std::uint64_t above) {
    return share_upper_bound(above, total, confidence, effect) > share;
  });
  LatencyRange interval;
  const auto low_ns = surely_above == 0 ? std::nullopt : least_latency(tail, surely_above - 1);
  interval.low_ns = low_ns.value_or(tail.max().low_ns);
  if (maybe_above > 0) interval.high_ns = least_latency(tail, maybe_above - 1);
  return interval;
}

}  // namespace loopgate
