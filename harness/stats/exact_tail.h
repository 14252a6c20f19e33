// The tail of single samples: every answer is a point.
#pragma once

#include "stats/sorted_latencies.h"
#include "stats/summary.h"
#include "stats/tail.h"

namespace loopgate {

class ExactTail : public Tail {
 public:
  explicit ExactTail(const Latencies& latencies)
      : answered_(latencies.answered_ns), not_sent_(latencies.not_sent_ns), censored_(latencies.censored) {}

  // Those answered, and those not sent by what they would have seen at the least.
  std::uint64_t count() const override;
  CountRange censored() const override { return censored_; }
  CountRange count_above(std::int64_t limit_ns) const override;
  LatencyRange min() const override;
  LatencyRange max() const override;
  bool exact() const override { return true; }
  std::uint64_t not_sent_above(std::int64_t limit_ns) const override;
  const SortedLatencies& answered() const { return answered_; }
  const SortedLatencies& not_sent() const { return not_sent_; }
  // All of them, in eight bytes each.
  Latencies latencies() const { return {answered_.values(), not_sent_.values(), censored_}; }

 private:
  SortedLatencies answered_;
  SortedLatencies not_sent_;
  std::uint64_t censored_ = 0;
};

}  // namespace loopgate
