// Rates from what a program says of itself, which nobody takes at its word: numbers are finite and possible,
// and the program ran nearly all the time that the harness saw go by.
#pragma once

#include <string_view>

#include "base/result.h"

namespace loopgate {

// Every whole number up to it is exact in a double, and no counter of a run gets there: 2^53.
inline constexpr double largest_count = 9'007'199'254'740'992.0;
// A part of a load that gives up early, or begins late, is none.
inline constexpr double min_fraction_of_window = 0.9;

// `seconds` as `program` says it ran, of `window_s` that the harness saw. Kind: data.
Status check_seconds(std::string_view program, double seconds, double window_s);

// `count` of `metric` a second; 0 where the seconds are. Kind: data.
Result<double> rate_of(std::string_view metric, double count, double seconds);

}  // namespace loopgate
