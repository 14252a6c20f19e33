// libFuzzer: whatever a probe left, the reader refuses it in one sentence, or the phases add up.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <numeric>

#include "stats/stages.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace loopgate;
  const auto probe = parse_probe({reinterpret_cast<const char*>(data), size}, "fuzz.lgp");
  if (!probe) {
    if (probe.error().kind != ErrorKind::data || probe.error().what.empty()) std::abort();
    return 0;
  }
  SampleFile samples;
  samples.header.time_base = TimeBase::wall_clock;
  for (std::uint32_t i = 0; i < 4; ++i)
    samples.samples.push_back({i, i * 1'000'000, i * 1'000'000 + 9'000, sample_sent | sample_answered, i});
  const auto phases = phases_of(samples, *probe);
  if (!phases) return 0;
  for (const StagedSample& sample : phases->samples)
    if (std::accumulate(sample.ns.begin(), sample.ns.end(), std::int64_t{0}) != sample.latency_ns)
      std::abort();
  return 0;
}
