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
std::string SingleTimes::histogram() const {
  const std::vector<std::int64_t> seen(times_.begin(), times_.begin() + static_cast<std::ptrdiff_t>(filled_));
  if (seen.empty()) return R"({"iterations":0)";
  const auto [min, max] = std::ranges::minmax(seen);
  const std::int64_t resolution = clock_resolution_ns();
  const std::int64_t steps = (max - min + resolution) / resolution;
  const std::int64_t width = (steps + bins_max - 1) / bins_max * resolution;
  std::map<std::int64_t, std::int64_t> counts;
  for (const std::int64_t ns : seen) ++counts[(ns - min) / width];
  std::string bin, count;
  for (const auto& [number, times] : counts) {
    bin += (bin.empty() ? "" : ",") + std::to_string(number);
    count += (count.empty() ? "" : ",") + std::to_string(times);
  }
  return R"({"iterations":)" + std::to_string(seen.size()) +
         R"(,"clock":"CLOCK_MONOTONIC","resolution_ns":)" + std::to_string(resolution) + R"(,"min_ns":)" +
         std::to_string(min) + R"(,"max_ns":)" + std::to_string(max) + R"(,"sum_ns":)" +
         std::to_string(sum()) + R"(,"bin_width_ns":)" + std::to_string(width) + R"(,"bin":[)" + bin +
         R"(],"count":[)" + count + "]";
}

}  // namespace loopgate::primitives
