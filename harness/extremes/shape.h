// What the two limit distributions share: their shape, whose formulas have a limit at 0.
#pragma once

#include <cmath>
#include <limits>

namespace loopgate {

// Of a log-likelihood of what cannot be.
inline constexpr double infinity = std::numeric_limits<double>::infinity();

// A shape below it is taken for 0: there the formulas differ from their limit by less than they round.
inline bool is_without_shape(double shape) { return std::abs(shape) < 1e-8; }

// (p^-shape - 1) / shape, and -log p for shape 0: how many scales out something lies that has the
// probability, or the number of events, p.
inline double scales_out(double shape, double log_p) {
  return is_without_shape(shape) ? -log_p : std::expm1(-shape * log_p) / shape;
}

}  // namespace loopgate
