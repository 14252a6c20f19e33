// libFuzzer: whatever a program left, the reader refuses it in one sentence, or the path's parts add up.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <numeric>

#include "stats/stages.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace loopgate;
  const auto stamps = parse_stamps({reinterpret_cast<const char*>(data), size}, "fuzz.lst");
  if (!stamps) {
    if (stamps.error().kind != ErrorKind::data || stamps.error().what.empty()) std::abort();
    return 0;
  }
  SampleFile samples;
  for (std::uint32_t i = 0; i < 4; ++i)
    samples.samples.push_back({i, i * 1'000'000, i * 1'000'000 + 100, sample_sent | sample_answered, i});
  const auto path = path_of(samples, *stamps);
  if (!path) return 0;
  for (const StagedSample& sample : path->samples)
    if (std::accumulate(sample.ns.begin(), sample.ns.end(), std::int64_t{0}) != sample.latency_ns)
      std::abort();
  return 0;
}
