#include "single_times.h"

#include <algorithm>
#include <map>
#include <numeric>

#include "protocol/clock_pair.h"

namespace loopgate::primitives {
namespace {

constexpr std::int64_t bins_max = 4'096;
constexpr std::int64_t second_ns = 1'000'000'000;

}  // namespace

std::int64_t clock_resolution_ns() {
  const auto hz = static_cast<std::int64_t>(counter_hz());
  return hz == 0 ? 1 : (second_ns + hz - 1) / hz;
}

std::int64_t SingleTimes::sum() const {
  return std::accumulate(times_.begin(), times_.begin() + static_cast<std::ptrdiff_t>(filled_),
                         std::int64_t{0});
}

// From the shortest on, in as many bins of as few of the clock's steps as it takes: none is beyond the last.
SingleTimesFile SingleTimes::histogram() const {
  SingleTimesFile file;
  const std::vector<std::int64_t> seen(times_.begin(), times_.begin() + static_cast<std::ptrdiff_t>(filled_));
  if (seen.empty()) return file;
  const auto [min, max] = std::ranges::minmax(seen);
  const std::int64_t resolution = clock_resolution_ns();
  const std::int64_t steps = (max - min + resolution) / resolution;
  file.iterations = static_cast<std::int64_t>(seen.size());
  file.clock = "CLOCK_MONOTONIC";
  file.resolution_ns = resolution;
  file.min_ns = min;
  file.max_ns = max;
  file.sum_ns = sum();
  file.bin_width_ns = (steps + bins_max - 1) / bins_max * resolution;
  std::map<std::int64_t, std::int64_t> counts;
  for (const std::int64_t ns : seen) ++counts[(ns - min) / file.bin_width_ns];
  for (const auto& [number, times] : counts) {
    file.bin.push_back(number);
    file.count.push_back(times);
  }
  return file;
}

}  // namespace loopgate::primitives
