// libFuzzer: whatever the payload left, the reader refuses it in one sentence, or its stages add up.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <numeric>

#include "stats/stages.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace loopgate;
  const auto frames = parse_frames({reinterpret_cast<const char*>(data), size}, "fuzz.lgf");
  if (!frames) {
    if (frames.error().kind != ErrorKind::data || frames.error().what.empty()) std::abort();
    return 0;
  }
  SampleFile samples;
  for (std::uint32_t i = 0; i < 4; ++i)
    samples.samples.push_back({i, i * 1'000'000, i * 1'000'000 + 100, sample_sent | sample_answered, i});
  const auto stages = stages_of(samples, *frames, {});
  if (!stages) return 0;
  for (const StagedSample& sample : stages->samples)
    if (std::accumulate(sample.ns.begin(), sample.ns.end(), std::int64_t{0}) != sample.latency_ns)
      std::abort();
  return 0;
}
