#include "extremes/pareto.h"

#include <algorithm>
#include <boost/math/tools/minima.hpp>
#include <cmath>
#include <cstddef>
#include <utility>

#include "extremes/shape.h"

namespace loopgate {
namespace {

// The likeliest fit of those with this shape / scale, whose excesses have been divided by their largest.
ParetoFit fit_with(double ratio, const std::vector<double>& excesses) {
  const auto count = static_cast<double>(excesses.size());
  double shape = 0;
  double sum = 0;
  for (const double excess : excesses) {
    shape += std::log1p(ratio * excess);
    sum += excess;
  }
  shape /= count;
  if (is_without_shape(ratio) || is_without_shape(shape)) {
    const double scale = sum / count;
    return {0, scale, -count * (std::log(scale) + 1)};
  }
  shape = std::max(shape, -1.0);
  const double scale = shape / ratio;
  return {shape, scale, pareto_log_likelihood(shape, scale, excesses)};
}

// Where the likeliest fit is looked for: from an end just above the largest excess to a scale that is a
// thousandth of it. Even steps of the logarithm of 1 + ratio.
constexpr double lowest = -13.8;  // 1 + ratio = 1e-6
constexpr double highest = 7;
constexpr int steps = 32;

double ratio_at(double place) { return std::expm1(place); }

}  // namespace

double pareto_survival(double shape, double scale, double excess) {
  if (excess <= 0) return 1;
  if (is_without_shape(shape)) return std::exp(-excess / scale);
  const double base = 1 + shape * excess / scale;
  return base <= 0 ? 0 : std::exp(-std::log(base) / shape);
}

double pareto_excess(double shape, double scale, double survival) {
  return scale * scales_out(shape, std::log(survival));
}

double pareto_log_likelihood(double shape, double scale, const std::vector<double>& excesses) {
  if (!(scale > 0)) return -infinity;
  const auto count = static_cast<double>(excesses.size());
  double sum = 0;
  for (const double excess : excesses) {
    if (is_without_shape(shape)) {
      sum += excess / scale;
      continue;
    }
    const double part = shape * excess / scale;
    if (part <= -1) return -infinity;
    sum += (1 + 1 / shape) * std::log1p(part);
  }
  return -count * std::log(scale) - sum;
}

ParetoFit fit_pareto(const std::vector<double>& excesses) {
  const double largest = *std::max_element(excesses.begin(), excesses.end());
  std::vector<double> scaled = excesses;
  for (double& excess : scaled) excess /= largest;
  const auto unlikely = [&](double place) { return -fit_with(ratio_at(place), scaled).log_likelihood; };
  const double width = (highest - lowest) / steps;
  double best = lowest;
  double least = infinity;
  for (int step = 0; step <= steps; ++step) {
    const double value = unlikely(lowest + step * width);
    if (value < least) {
      least = value;
      best = lowest + step * width;
    }
  }
  const auto found = boost::math::tools::brent_find_minima(unlikely, std::max(lowest, best - width),
                                                           std::min(highest, best + width), 30);
  ParetoFit fit = fit_with(ratio_at(found.second <= least ? found.first : best), scaled);
  fit.scale *= largest;
  fit.log_likelihood = pareto_log_likelihood(fit.shape, fit.scale, excesses);
  return fit;
}

}  // namespace loopgate
