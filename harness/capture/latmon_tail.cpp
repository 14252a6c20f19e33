#include "capture/latmon_tail.h"

namespace loopgate {

CountRange LatmonTail::censored() const {
  if (!summary_) return 0;
  const bool none_late = summary_->max_ns / 1000 <= data_.request.period_us;
  return {none_late ? summary_->overruns : 0, summary_->overruns};
}

CountRange LatmonTail::count_above(std::int64_t limit_ns) const {
  if (!summary_) return 0;
  CountRange above = loopgate::count_above(data_, *summary_, limit_ns);
  above += censored();
  return above;
}

LatencyRange LatmonTail::min() const {
  if (!summary_) return {};
  return {summary_->min_ns, summary_->min_ns};
}

LatencyRange LatmonTail::max() const {
  if (!summary_) return {};
  return {summary_->max_ns, summary_->max_ns};
}

}  // namespace loopgate
