// The tail of a histogram, such as cyclictest and rtla write: a latency is known to its bin, one beyond the
// last bin only from below. Where the program gives its smallest and largest latency too, they narrow the
// bounds.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/latency_histogram.h"
#include "base/result.h"
#include "stats/tail.h"

namespace loopgate {

class HistogramTail : public Tail {
 public:
  // `censored`: stimuli (or cycles) without an answer. A data error when the bins have no width or go beyond
  // 64 bits, or `min_ns` and `max_ns` contradict them.
  static Result<HistogramTail> make(LatencyHistogram histogram, CountRange censored = {});

  std::uint64_t count() const override { return count_; }
  CountRange censored() const override { return censored_; }
  CountRange count_above(std::int64_t limit_ns) const override;
  LatencyRange min() const override;
  LatencyRange max() const override;
  bool exact() const override { return false; }
  std::optional<std::int64_t> open_beyond(std::int64_t limit_ns) const override;

 private:
  HistogramTail(LatencyHistogram histogram, CountRange censored);
  // What a latency may be that the program gave as `ns`.
  LatencyRange read_as(std::int64_t ns) const { return {ns, ns + histogram_.resolution_ns - 1}; }
  std::int64_t lower_ns(std::size_t bin) const;
  std::int64_t upper_ns(std::size_t bin) const { return lower_ns(bin + 1) - 1; }
  std::int64_t end_ns() const { return lower_ns(histogram_.count.size()); }

  LatencyHistogram histogram_;
  CountRange censored_;
  std::uint64_t count_ = 0;              // those that are not sure included
  std::vector<std::uint64_t> from_bin_;  // how many are in a bin and those after it; one more than bins
};

}  // namespace loopgate
