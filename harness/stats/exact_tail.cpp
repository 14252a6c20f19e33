#include "stats/exact_tail.h"

#include <algorithm>
#include <iterator>

namespace loopgate {
namespace {

std::uint64_t above(const std::vector<std::int64_t>& sorted_ns, std::int64_t limit_ns) {
  const auto first = std::upper_bound(sorted_ns.begin(), sorted_ns.end(), limit_ns);
  return static_cast<std::uint64_t>(std::distance(first, sorted_ns.end()));
}

LatencyRange point(std::int64_t ns) { return {ns, ns}; }

}  // namespace

std::uint64_t ExactTail::count() const {
  return latencies_.answered_ns.size() + latencies_.not_sent_ns.size();
}

CountRange ExactTail::count_above(std::int64_t limit_ns) const {
  return above(latencies_.answered_ns, limit_ns) + above(latencies_.not_sent_ns, limit_ns) +
         latencies_.censored;
}

LatencyRange ExactTail::min() const {
  const std::vector<std::int64_t>& answered = latencies_.answered_ns;
  const std::vector<std::int64_t>& not_sent = latencies_.not_sent_ns;
  if (answered.empty()) return point(not_sent.empty() ? 0 : not_sent.front());
  return point(not_sent.empty() ? answered.front() : std::min(answered.front(), not_sent.front()));
}

LatencyRange ExactTail::max() const {
  const std::vector<std::int64_t>& answered = latencies_.answered_ns;
  const std::vector<std::int64_t>& not_sent = latencies_.not_sent_ns;
  if (answered.empty()) return point(not_sent.empty() ? 0 : not_sent.back());
  return point(not_sent.empty() ? answered.back() : std::max(answered.back(), not_sent.back()));
}

std::uint64_t ExactTail::not_sent_above(std::int64_t limit_ns) const {
  return above(latencies_.not_sent_ns, limit_ns);
}

}  // namespace loopgate
