#include "stats/exact_tail.h"

#include <algorithm>

namespace loopgate {
namespace {

LatencyRange point(std::int64_t ns) { return {ns, ns}; }

}  // namespace

std::uint64_t ExactTail::count() const { return answered_.size() + not_sent_.size(); }

CountRange ExactTail::count_above(std::int64_t limit_ns) const {
  return answered_.count_above(limit_ns) + not_sent_.count_above(limit_ns) + censored_;
}

LatencyRange ExactTail::min() const {
  if (answered_.empty()) return point(not_sent_.empty() ? 0 : not_sent_.front());
  return point(not_sent_.empty() ? answered_.front() : std::min(answered_.front(), not_sent_.front()));
}

LatencyRange ExactTail::max() const {
  if (answered_.empty()) return point(not_sent_.empty() ? 0 : not_sent_.back());
  return point(not_sent_.empty() ? answered_.back() : std::max(answered_.back(), not_sent_.back()));
}

std::uint64_t ExactTail::not_sent_above(std::int64_t limit_ns) const {
  return not_sent_.count_above(limit_ns);
}

}  // namespace loopgate
