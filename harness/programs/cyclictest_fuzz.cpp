// libFuzzer: what is read as cyclictest's file holds each cycle once; all else is refused in one sentence.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <numeric>

#include "programs/cyclictest.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::uint64_t cycles = 0;
  const auto read = loopgate::cyclictest_histogram({reinterpret_cast<const char*>(data), size}, 100, &cycles);
  if (!read) {
    if (read.error().kind != loopgate::ErrorKind::data || read.error().what.empty()) std::abort();
    return 0;
  }
  const auto held = std::accumulate(read->count.begin(), read->count.end(), read->overflow);
  if (held != cycles || cycles == 0 || *read->min_ns > *read->max_ns) std::abort();
  return 0;
}
