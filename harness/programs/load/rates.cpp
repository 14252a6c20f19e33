#include "programs/load/rates.h"

#include <fmt/format.h>

#include <cmath>

namespace loopgate {

Status check_seconds(std::string_view program, double seconds, double window_s) {
  if (!std::isfinite(seconds) || seconds < 0)
    return fail(ErrorKind::data, fmt::format("{} says that it ran for {} s", program, seconds));
  const double required = min_fraction_of_window * window_s;
  if (seconds >= required) return {};
  return fail(ErrorKind::data,
              fmt::format("{} ran for {:.3f} s; at least {:.3f} s are required", program, seconds, required));
}

Result<double> rate_of(std::string_view metric, double count, double seconds) {
  if (!std::isfinite(count) || count < 0 || count > largest_count)
    return fail(ErrorKind::data, fmt::format("a count of {} {} cannot be", count, metric));
  const double rate = seconds > 0 ? count / seconds : 0.0;
  if (std::isfinite(rate)) return rate;
  return fail(ErrorKind::data, fmt::format("{} {} in {} s cannot be", count, metric, seconds));
}

}  // namespace loopgate
