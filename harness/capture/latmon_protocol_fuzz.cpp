// libFuzzer: whatever a peer sends, in whatever portions, is refused in one sentence or gives data that hold
// together.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "capture/latmon_summary.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace loopgate;
  if (size < 3) return 0;
  const LatmonRequest request{1 + bytes[0] * 100U, bytes[1] % 16U};
  const std::size_t portion = 1 + bytes[2];
  std::string_view left(reinterpret_cast<const char*>(bytes) + 3, size - 3);
  LatmonReader whole(request, 20);
  LatmonReader portions(request, 20);
  const bool taken = whole.take(left).has_value();
  bool taken_in_portions = true;
  while (!left.empty() && taken_in_portions) {
    const auto done = portions.take(left.substr(0, portion));
    if (!done && (done.error().kind != ErrorKind::data || done.error().what.empty())) std::abort();
    taken_in_portions = done.has_value();
    left.remove_prefix(std::min(portion, left.size()));
  }
  if (taken != taken_in_portions) std::abort();
  if (!taken) return 0;
  if (whole.data().records != portions.data().records || whole.data().histogram != portions.data().histogram)
    std::abort();
  const auto summary = summarize(whole.data());
  if (!summary) return 0;
  for (const auto& range : summary->quantile)
    if (range && (!range->high_ns || range->low_ns > *range->high_ns || *range->high_ns > summary->max_ns))
      std::abort();
  return 0;
}
