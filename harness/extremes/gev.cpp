#include "extremes/gev.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

#include "extremes/minimize.h"
#include "extremes/shape.h"

namespace loopgate {
namespace {

// By the first three L-moments (Hosking et al. 1985, eq. 13 to 15, whose k is minus the shape).
GevFit moments_fit(std::vector<double> maxima) {
  std::sort(maxima.begin(), maxima.end());
  const auto n = static_cast<double>(maxima.size());
  double b0 = 0;
  double b1 = 0;
  double b2 = 0;
  for (std::size_t i = 0; i < maxima.size(); ++i) {
    const auto rank = static_cast<double>(i);
    b0 += maxima[i] / n;
    b1 += maxima[i] * rank / (n - 1) / n;
    b2 += maxima[i] * rank * (rank - 1) / ((n - 1) * (n - 2)) / n;
  }
  const double c = (2 * b1 - b0) / (3 * b2 - b0) - std::log(2.0) / std::log(3.0);
  const double k = std::clamp(7.8590 * c + 2.9554 * c * c, -0.9, 0.9);
  if (std::abs(k) < 1e-4) {
    const double scale = (2 * b1 - b0) / std::log(2.0);
    return {b0 - 0.5772156649 * scale, scale, 0};
  }
  const double gamma = std::tgamma(1 + k);
  const double scale = (2 * b1 - b0) * k / (gamma * (1 - std::pow(2.0, -k)));
  return {b0 + scale * (gamma - 1) / k, scale, -k};
}

}  // namespace

double gev_events(double location, double scale, double shape, double x) {
  const double z = (x - location) / scale;
  if (is_without_shape(shape)) return std::exp(-z);
  const double base = 1 + shape * z;
  if (base <= 0) return shape > 0 ? infinity : 0;
  return std::exp(-std::log(base) / shape);
}

double gev_level(double location, double scale, double shape, double events) {
  return location + scale * scales_out(shape, std::log(events));
}

double gev_log_likelihood(double location, double scale, double shape, const std::vector<double>& maxima) {
  if (!(scale > 0)) return -infinity;
  double sum = -static_cast<double>(maxima.size()) * std::log(scale);
  for (const double x : maxima) {
    const double z = (x - location) / scale;
    double reduced = z;  // so that exp(-reduced) events are above x
    if (!is_without_shape(shape)) {
      const double part = shape * z;
      if (part <= -1) return -infinity;
      reduced = std::log1p(part) / shape;
    }
    sum -= (1 + shape) * reduced + std::exp(-reduced);
  }
  return sum;
}

GevFit fit_gev(const std::vector<double>& maxima) {
  GevFit start = moments_fit(maxima);
  // What is in units of the scale has steps that fit.
  const auto unlikely = [&](const std::array<double, 3>& at) {
    if (at[2] < -1) return infinity;  // below it the likelihood has no maximum
    return -gev_log_likelihood(start.location + at[0] * start.scale, start.scale * std::exp(at[1]), at[2],
                               maxima);
  };
  // The moments' end may be below the largest maximum; without a shape there is no end.
  if (std::isinf(unlikely({0, 0, start.shape}))) start.shape = 0;
  const auto found = minimize<3>(unlikely, {0, 0, start.shape}, {0.1, 0.1, 0.1});
  return {start.location + found.at[0] * start.scale, start.scale * std::exp(found.at[1]), found.at[2],
          -found.value};
}

}  // namespace loopgate
