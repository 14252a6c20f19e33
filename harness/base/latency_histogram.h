// A histogram of latencies, as programs that measure themselves leave it: programs/ read it, stats/ makes a
// tail of it (stats/histogram_tail.h).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace loopgate {

struct LatencyHistogram {
  std::int64_t first_ns = 0;  // bin i holds from first_ns + i x width to one nanosecond below the next bin
  std::int64_t bin_width_ns = 0;  // above 0
  std::vector<std::uint64_t> count;
  std::uint64_t overflow = 0;  // at or above the end of the last bin
  // The smallest and the largest, where the program gives them: the truth is up to `resolution_ns` - 1 more.
  std::optional<std::int64_t> min_ns;
  std::optional<std::int64_t> max_ns;
  std::int64_t resolution_ns = 1;  // above 0
  // Of `overflow`, how many there may not have been: the program counts none, and something is missing.
  std::uint64_t overflow_unsure = 0;

  bool operator==(const LatencyHistogram&) const = default;
};

}  // namespace loopgate
