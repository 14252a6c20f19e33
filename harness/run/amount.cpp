#include "run/amount.h"

#include <algorithm>

namespace loopgate {

// One trajectory that repeats to the nanosecond is still one of many: on virtual time the samples are spread
// over several, but no thinner than the suite spreads its own: each takes 2 s of the host's time to restore
// and to load, and must resolve p99. A boot of a board is dear, so there each replicate has them all, and the
// user says how many.
Amount amount_of(const Amount& asked, const Amount& suites, bool is_virtual) {
  if (suites.samples == 0) return {0, asked.repeat > 0 ? asked.repeat : is_virtual ? suites.repeat : 1};
  const std::int64_t samples = asked.samples > 0 ? asked.samples : suites.samples;
  if (asked.repeat > 0 || !is_virtual) return {samples, std::max<std::int64_t>(asked.repeat, 1)};
  const std::int64_t of_suites_size = samples * suites.repeat / suites.samples;
  const std::int64_t repeat = std::clamp<std::int64_t>(of_suites_size, 1, suites.repeat);
  return {(samples + repeat - 1) / repeat, repeat};
}

}  // namespace loopgate
