// A number for people, with `digits` that count: "0.0123", "1.25" and "100,000", where a plain %g says 1e+05.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <string>

#include "base/text.h"

namespace loopgate {

inline std::string number_text(double value, int digits) {
  constexpr double whole_max = 1e15;  // beyond it a double has no place for each whole number
  const bool is_long = value >= std::pow(10, digits - 1);
  if (value < whole_max && (is_long || (value >= 1000 && value == std::floor(value))))
    return with_thousands(static_cast<std::uint64_t>(std::llround(value)));
  return fmt::format("{:.{}g}", value, digits);
}

}  // namespace loopgate
