// libFuzzer: whatever a file of sections holds, it is refused in one sentence, or summed up to the window
// and composed to a bound.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "analysis/bound.h"
#include "analysis/section_reader.h"
#include "analysis/section_summary.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace loopgate;  // NOLINT(google-build-using-namespace)
  const auto sections = read_sections({reinterpret_cast<const char*>(data), size});
  if (!sections) return 0;
  auto symbols = Symbols::of_kernel("ffff800080000000 T _stext\nffff800080010000 T vectors\n");
  const SectionSummary summary = summarize(*sections, 1, &*symbols);
  std::uint64_t count = 0;
  for (const KindOfSection& kind : summary.kinds) count += kind.count;
  const auto told = std::ranges::count_if(sections->windows, [&](const SectionRecord& window) {
    return std::ranges::find(told_kinds, sections->kind_of(window)) != told_kinds.end();
  });
  if (count != static_cast<std::uint64_t>(told)) std::abort();
  // Whatever the windows are, no sample of their run exceeds what they are composed to.
  if (sections->end_ns - sections->begin_ns < 10'000 || sections->tasks.size() < 2) return 0;
  const auto pid = [&](std::size_t task) { return static_cast<std::int32_t>(sections->tasks[task].pid); };
  const SampleMoments sample{1, sections->begin_ns + 1, 100, 500, 3'400, 4'000, 4'700, 9'000, pid(0), pid(1)};
  const auto bound = compose_bound(*sections, {sample}, &*symbols);
  if (bound && bound->bound_ns < sample.latency_ns) std::abort();
  return 0;
}
