// The tail of a histogram, such as cyclictest and rtla write: a latency is known to its bin, one beyond the
// last bin only from below. Where the program gives its smallest and largest latency too, they narrow the
// bounds.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/result.h"
#include "stats/tail.h"

namespace loopgate {

struct LatencyHistogram {
  std::int64_t first_ns = 0;  // bin i holds from first_ns + i x width to one nanosecond below the next bin
  std::int64_t bin_width_ns = 0;  // above 0
  std::vector<std::uint64_t> count;
  std::uint64_t overflow = 0;          // at or above the end of the last bin
  std::optional<std::int64_t> min_ns;  // exact, where the program gives them
  std::optional<std::int64_t> max_ns;
  CountRange censored;  // stimuli (or cycles) without an answer
};

class HistogramTail : public Tail {
 public:
  // A data error when the bins have no width or go beyond 64 bits, or `min_ns` and `max_ns` contradict them.
  static Result<HistogramTail> make(LatencyHistogram histogram);

  std::uint64_t count() const override { return count_; }
  CountRange censored() const override { return histogram_.censored; }
  CountRange count_above(std::int64_t limit_ns) const override;
  LatencyRange min() const override;
  LatencyRange max() const override;
  bool exact() const override { return false; }

 private:
  explicit HistogramTail(LatencyHistogram histogram);
  std::int64_t lower_ns(std::size_t bin) const;
  std::int64_t upper_ns(std::size_t bin) const { return lower_ns(bin + 1) - 1; }
  std::int64_t end_ns() const { return lower_ns(histogram_.count.size()); }

  LatencyHistogram histogram_;
  std::uint64_t count_ = 0;
};

}  // namespace loopgate
