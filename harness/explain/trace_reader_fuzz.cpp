// libFuzzer: whatever a trace file holds, it is refused in one sentence, or attributed to the nanosecond, and
// of a path to the instruction.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <numeric>

#include "explain/path_lengths.h"
#include "explain/time_attributor.h"

namespace {

using namespace loopgate;  // NOLINT(google-build-using-namespace)

void read_samples(TraceReader reader, const char* architecture, Symbols* symbols) {
  TracedSample sample;
  for (auto more = reader.next(&sample); more && *more; more = reader.next(&sample)) {
    auto explained = attribute_time(sample, reader.blocks(), symbols, {*explain_arch(architecture), false});
    if (!explained) continue;
    const auto& phases = explained->phase_ns;
    if (std::accumulate(phases.begin(), phases.end(), std::int64_t{0}) != explained->latency_ns) std::abort();
  }
}

void read_paths(TraceReader reader, Symbols* symbols) {
  PathWindow window;
  for (auto more = reader.next_path(&window); more && *more; more = reader.next_path(&window)) {
    const auto length = path_length(window, std::max<std::uint64_t>(window.timed_parts, 1), symbols);
    if (!length) continue;
    std::uint64_t sum = 0;
    for (const auto& [name, count] : length->functions) sum += count;
    if (sum != length->instructions || static_cast<std::int64_t>(sum + window.outside_instructions) +
                                               length->idle_ns + window.outside_idle_ns !=
                                           window.end_ns - window.begin_ns)
      std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto reader = TraceReader::open({reinterpret_cast<const char*>(data), size});
  if (!reader) return 0;
  auto symbols = Symbols::of_kernel(
      "ffff800080000000 T _stext\nffff800080010000 T vectors\n"
      "ffffffff81000000 T srso_return_thunk\nffffffff81001000 T asm_exc_nmi\n");
  read_samples(*reader, "arm64", &*symbols);
  read_samples(*reader, "amd64", &*symbols);
  read_paths(*reader, &*symbols);
  return 0;
}
