// The tail of what latmon measured: bounds, of which latmon_summary.h says why they hold.
#pragma once

#include <optional>

#include "capture/latmon_summary.h"
#include "stats/tail.h"

namespace loopgate {

class LatmonTail : public Tail {
 public:
  explicit LatmonTail(const LatmonData& data) : data_(data), summary_(summarize(data)) {}

  // Nothing of a measurement without a record, whatever its overruns.
  std::uint64_t count() const override { return summary_ ? summary_->samples : 0; }
  // Where no answer was later than a period, every overrun is a stimulus without an answer. Else the two
  // can't be told apart.
  CountRange censored() const override;
  CountRange count_above(std::int64_t limit_ns) const override;
  LatencyRange min() const override;
  LatencyRange max() const override;
  bool exact() const override { return false; }

 private:
  LatmonData data_;
  std::optional<LatmonSummary> summary_;
};

}  // namespace loopgate
