#include "stats/tail.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "base/units.h"

namespace loopgate {
namespace {

// The smallest latency for which `reached` is true; it stays true for every larger one. Nothing when it is
// for none.
template <class Reached>
std::optional<std::int64_t> smallest(const Reached& reached) {
  std::int64_t low = std::numeric_limits<std::int64_t>::min();
  std::int64_t high = std::numeric_limits<std::int64_t>::max();
  if (!reached(high)) return std::nullopt;
  while (low < high) {
    // The two may be as far apart as the type is wide, so the middle is found without a sign.
    const auto distance = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low);
    const auto middle = static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + distance / 2);
    if (reached(middle)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return high;
}

bool has_latencies(const std::shared_ptr<const Tail>& part) { return part->count() > 0; }

}  // namespace

CountRange Tail::total() const {
  CountRange all = censored();
  all += count();
  return all;
}

LatencyRange Tail::quantile(std::uint32_t per_million) const {
  const std::uint64_t known = count();
  const CountRange without_end = censored();
  const std::uint64_t least_rank =
      nearest_rank(std::max<std::uint64_t>(known + without_end.least, 1), per_million);
  const std::uint64_t most_rank = nearest_rank(known + without_end.most, per_million);
  const auto low = smallest(
      [&](std::int64_t ns) { return known - (count_above(ns).least - without_end.least) >= least_rank; });
  const auto high = smallest(
      [&](std::int64_t ns) { return known - (count_above(ns).most - without_end.most) >= most_rank; });
  if (low) return {*low, high};
  return {known == 0 ? 0 : max().low_ns, std::nullopt};  // censored even at the least
}

std::uint64_t PooledTail::count() const {
  std::uint64_t all = 0;
  for (const auto& part : parts_) all += part->count();
  return all;
}

CountRange PooledTail::censored() const {
  CountRange all;
  for (const auto& part : parts_) all += part->censored();
  return all;
}

CountRange PooledTail::count_above(std::int64_t limit_ns) const {
  CountRange all;
  for (const auto& part : parts_) all += part->count_above(limit_ns);
  return all;
}

LatencyRange PooledTail::min() const {
  std::optional<LatencyRange> smallest_seen;
  for (const auto& part : parts_) {
    if (!has_latencies(part)) continue;
    const LatencyRange each = part->min();
    if (!smallest_seen) smallest_seen = each;
    smallest_seen->low_ns = std::min(smallest_seen->low_ns, each.low_ns);
    // An upper end that is not known is above every other.
    if (each.high_ns)
      smallest_seen->high_ns = std::min(smallest_seen->high_ns.value_or(*each.high_ns), *each.high_ns);
  }
  return smallest_seen.value_or(LatencyRange{});
}

LatencyRange PooledTail::max() const {
  std::optional<LatencyRange> largest_seen;
  for (const auto& part : parts_) {
    if (!has_latencies(part)) continue;
    const LatencyRange each = part->max();
    if (!largest_seen) largest_seen = each;
    largest_seen->low_ns = std::max(largest_seen->low_ns, each.low_ns);
    const bool known = each.high_ns && largest_seen->high_ns;
    largest_seen->high_ns =
        known ? std::optional(std::max(*largest_seen->high_ns, *each.high_ns)) : std::nullopt;
  }
  return largest_seen.value_or(LatencyRange{});
}

bool PooledTail::exact() const {
  return std::all_of(parts_.begin(), parts_.end(), [](const auto& part) { return part->exact(); });
}

std::uint64_t PooledTail::not_sent_above(std::int64_t limit_ns) const {
  std::uint64_t all = 0;
  for (const auto& part : parts_) all += part->not_sent_above(limit_ns);
  return all;
}

std::optional<std::int64_t> PooledTail::open_beyond(std::int64_t limit_ns) const {
  std::optional<std::int64_t> lowest;
  for (const auto& part : parts_)
    if (const auto end_ns = part->open_beyond(limit_ns)) lowest = std::min(lowest.value_or(*end_ns), *end_ns);
  return lowest;
}

std::string range_text(const LatencyRange& range) {
  const std::string low = us_text(range.low_ns);
  if (!range.high_ns) return low + " or more";
  if (*range.high_ns == range.low_ns) return low;
  const std::string end = us_text(*range.high_ns + 1);  // of the bin, which it is cut from
  return low == end ? low : fmt::format("{} to {}", low.substr(0, low.find(' ')), end);
}

}  // namespace loopgate
