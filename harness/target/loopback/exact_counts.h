// How often each duration came, to the nanosecond up to a limit, in memory that does not grow with their
// number.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

namespace loopgate {

class ExactCounts {
 public:
  void add(std::int64_t ns) {
    const auto at = static_cast<std::size_t>(std::clamp<std::int64_t>(ns, 0, limit_ns));
    ++counts_[at];
    min_ns_ = total_ == 0 ? ns : std::min(min_ns_, ns);
    max_ns_ = total_ == 0 ? ns : std::max(max_ns_, ns);
    ++total_;
  }

  std::uint64_t total() const { return total_; }
  std::int64_t min_ns() const { return min_ns_; }  // 0 when there are none
  std::int64_t max_ns() const { return max_ns_; }

  // By nearest rank: the smallest that at least `per_million` of them do not exceed. One above the limit is
  // told as the limit.
  std::int64_t quantile_ns(std::uint32_t per_million) const {
    const std::uint64_t rank = std::max<std::uint64_t>((total_ * per_million + 999'999) / 1'000'000, 1);
    std::uint64_t below = 0;
    for (std::size_t ns = 0; ns < counts_.size(); ++ns) {
      below += counts_[ns];
      if (below >= rank) return static_cast<std::int64_t>(ns);
    }
    return 0;
  }

 private:
  static constexpr std::int64_t limit_ns = 1'000'000;

  std::vector<std::uint32_t> counts_ = std::vector<std::uint32_t>(limit_ns + 1);
  std::uint64_t total_ = 0;
  std::int64_t min_ns_ = 0;
  std::int64_t max_ns_ = 0;
};

}  // namespace loopgate
