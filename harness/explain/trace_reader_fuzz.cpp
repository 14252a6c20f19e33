// libFuzzer: whatever a trace file holds, it is refused in one sentence, or attributed to the nanosecond.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <numeric>

#include "explain/time_attributor.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace loopgate;
  auto reader = TraceReader::open({reinterpret_cast<const char*>(data), size});
  if (!reader) return 0;
  auto symbols = Symbols::of_kernel("ffff800080000000 T _stext\nffff800080010000 T vectors\n");
  TracedSample sample;
  for (auto more = reader->next(&sample); more && *more; more = reader->next(&sample)) {
    auto explained = attribute_time(sample, reader->blocks(), &*symbols,
                                    {*explain_arch("arm64"), 0xffff800080010000, false});
    if (!explained) continue;
    const auto& phases = explained->phase_ns;
    if (std::accumulate(phases.begin(), phases.end(), std::int64_t{0}) != explained->latency_ns) std::abort();
  }
  return 0;
}
