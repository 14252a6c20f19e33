// libFuzzer: whatever stands in imported.json is refused in one sentence, or is evidence whose figures hold
// together, and is written as it was read.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "capture/bounds_run.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace loopgate;
  const auto run = parse_imported({reinterpret_cast<const char*>(data), size}, "imported.json");
  if (!run) {
    if (run.error().kind != ErrorKind::data || run.error().what.empty()) std::abort();
    return 0;
  }
  const auto again = parse_imported(to_json(*run), "again");
  if (!again || again->sources.size() != run->sources.size()) std::abort();
  const auto bounds = bounds_of(*run);
  if (!bounds) return 0;
  const Tail& tail = *bounds->group().pooled;
  if (tail.count() == 0) return 0;
  for (const Quantity& each : quantiles) {
    const LatencyRange range = tail.quantile(each.per_million);
    if (range.high_ns && range.low_ns > *range.high_ns) std::abort();
  }
  if (bounds_json(*bounds).empty()) std::abort();
  return 0;
}
