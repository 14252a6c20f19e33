// What holds of every reader of result files, whatever it is given: for their fuzzers.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <string_view>

#include "programs/result/self_measurement.h"

namespace loopgate {

// The file is the whole input, so that real files are good to begin with; its size and a byte of it choose
// the options, and the portions that it is taken in beside the whole.
template <class Make>
int fuzz_result(const std::uint8_t* data, std::size_t size, const Make& make) {
  if (size == 0) return 0;
  ResultOptions options;
  const char* columns[] = {"", "irq", "thread", "user"};
  options.column = columns[size % 4];
  options.in_ns = size % 8 >= 4;
  if (size % 5 == 0) options.threads = {"0"};
  const std::size_t portion = 1 + data[size / 2] % 64;
  const std::string_view file(reinterpret_cast<const char*>(data), size);

  const auto read = [&](std::size_t at_once) -> Result<SelfMeasurement> {
    const auto reader = make(options);
    for (std::string_view left = file; !left.empty(); left.remove_prefix(std::min(at_once, left.size())))
      TRY_STATUS(reader->take(left.substr(0, at_once)));
    return reader->finish();
  };
  const auto whole = read(file.size() + 1);
  const auto in_portions = read(portion);
  if (whole.has_value() != in_portions.has_value()) std::abort();
  if (!whole) {
    const bool known = whole.error().kind == ErrorKind::data || whole.error().kind == ErrorKind::usage;
    if (!known || whole.error().what.empty() || whole.error().what != in_portions.error().what) std::abort();
    return 0;
  }
  if (*whole != *in_portions) std::abort();
  const LatencyHistogram& latencies = whole->latencies;
  const auto held = std::accumulate(latencies.count.begin(), latencies.count.end(), latencies.overflow);
  std::uint64_t counted = 0;
  for (const ThreadLatencies& each : whole->threads) {
    if (each.count == 0 || each.overflow > each.count) std::abort();
    if (each.min_ns && each.max_ns && *each.min_ns > *each.max_ns) std::abort();
    counted += each.count;
  }
  if (held != counted || latencies.overflow_unsure > latencies.overflow) std::abort();
  if (latencies.bin_width_ns <= 0 || latencies.resolution_ns <= 0) std::abort();
  return 0;
}

}  // namespace loopgate
