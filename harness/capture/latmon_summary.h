// Evaluates latmon's records and histogram, with the bounds that they leave. Pure.
//
// A histogram has no single samples, so a quantile is known from its bounds alone. They hold whatever latmon
// did:
// - It counts its warm-up in the histogram (Zephyr's library does): `extra` samples of the histogram are none
// of ours.
//   Leaving out any of them can move the sample of a rank up, by at most `extra` ranks.
// - It sorts a latency above the period into the cell of what is left of it after whole periods, and counts
// an overrun
//   for each. So up to `overruns` samples may really be larger: the sample of a rank moves up by at most as
//   many again.
// Both only ever move it up, so the lower bound needs neither. Largest and least latency are exact.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "capture/latmon_protocol.h"
#include "stats/quantities.h"
#include "stats/tail.h"

namespace loopgate {

struct LatmonSummary {
  std::uint64_t samples = 0;
  // Answers later than a period, counted once for each period, and stimuli that latmon gave up waiting for:
  // the protocol does not tell them apart.
  std::uint64_t overruns = 0;
  std::uint64_t extra = 0;  // samples of the histogram that no record has
  std::int64_t min_ns = 0;
  std::int64_t max_ns = 0;
  double mean_ns = 0;
  // In the order of `quantiles`; nothing where so few samples do not resolve it (stats/resolution.h).
  std::array<std::optional<LatencyRange>, quantiles.size()> quantile{};
};

// Nothing when there is no sample.
std::optional<LatmonSummary> summarize(const LatmonData& data);

// How many of the samples were above the limit, at the least and at the most.
CountRange count_above(const LatmonData& data, const LatmonSummary& summary, std::int64_t limit_ns);

}  // namespace loopgate
