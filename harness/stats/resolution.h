// Which quantiles a number of stimuli shows: one rule for every table, file and picture, and for the gate.
// Pure.
//
// The p99.9 of 60 stimuli is their maximum under another name. n stimuli resolve a quantile when none of them
// above a latency would show, at the confidence, that at most its share of all is.
#pragma once

#include <cstdint>
#include <string>

#include "base/units.h"

namespace loopgate {

// The least n with which "at most `share` exceed" can pass, which is when none does: 1 - (1 - share)^n >=
// confidence. At 95 % 5 for p50, 29 for p90, 59 for p95, 299 for p99, 2,995 for p99.9 and 29,956 for p99.99.
std::uint64_t samples_to_resolve(double share, double confidence);

// Of every figure that is shown. A policy may ask for more before it compares.
inline constexpr double shown_confidence = 0.95;

// Whether the quantile of `count` latencies is a figure to show.
bool is_resolved(std::uint32_t per_million, std::uint64_t count);

// Beside the first "-" that stands for such a quantile.
inline constexpr const char* unresolved_legend = "- : too few stimuli for this quantile";
std::string unresolved_text(const Noun& counted);  // the same of what else was counted

}  // namespace loopgate
