// The tail of single samples: every answer is a point.
#pragma once

#include <utility>

#include "stats/summary.h"
#include "stats/tail.h"

namespace loopgate {

class ExactTail : public Tail {
 public:
  explicit ExactTail(Latencies latencies) : latencies_(std::move(latencies)) {}

  // Those answered, and those not sent by what they would have seen at the least.
  std::uint64_t count() const override;
  CountRange censored() const override { return latencies_.censored; }
  CountRange count_above(std::int64_t limit_ns) const override;
  LatencyRange min() const override;
  LatencyRange max() const override;
  bool exact() const override { return true; }
  std::uint64_t not_sent_above(std::int64_t limit_ns) const override;
  const Latencies& latencies() const { return latencies_; }

 private:
  Latencies latencies_;
};

}  // namespace loopgate
