// What a report draws: a histogram on a fixed grid and exceedance points, of sorted latencies in ns. Pure.
#pragma once

#include <cstdint>
#include <vector>

namespace loopgate {

struct Histogram {  // bin i is [lower_ns[i], upper_ns[i]); empty bins are left out
  std::vector<std::int64_t> lower_ns;
  std::vector<std::int64_t> upper_ns;
  std::vector<std::uint64_t> count;
};

struct Exceedance {
  std::vector<std::int64_t> latency_ns;    // distinct, ascending
  std::vector<std::uint64_t> count_above;  // how many samples were above it
  std::uint64_t of = 0;                    // all samples
};

inline constexpr int bins_per_decade = 64;
inline constexpr std::size_t exceedance_points_max = 2'000;
inline constexpr std::size_t exceedance_largest_kept = 500;

// 0, 1, 2, ... : 10^(i/64) rounded to whole ns, equal ones once, up to the largest 64-bit number. Equal for
// every kernel.
const std::vector<std::int64_t>& histogram_edges();

// Every latency is in a bin: 0 in [0, 1), a negative one (which no reader lets through) in a bin that ends at
// 0.
Histogram histogram_of(const std::vector<std::int64_t>& sorted_ns);

Exceedance exceedance_of(const std::vector<std::int64_t>& sorted_ns);

}  // namespace loopgate
