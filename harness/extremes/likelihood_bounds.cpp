#include "extremes/likelihood_bounds.h"

#include <algorithm>
#include <array>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/tools/minima.hpp>
#include <cmath>
#include <cstddef>
#include <functional>
#include <numeric>

#include "extremes/minimize.h"
#include "extremes/shape.h"

namespace loopgate {
namespace {

constexpr double rarest = -60;  // the logarithm of a number of events that is as good as none
constexpr double lightest = -0.999;
constexpr double heaviest = 3;  // a tail with neither mean nor variance
constexpr int halvings = 18;    // of a logarithm from -60 on: to 0.0003

// How much less likely the data are than at their likeliest, when the quantity has this value.
using Deviance = std::function<double(double)>;

// By how much the log-likelihood may fall: half the square of the normal quantile.
double fall_at(double confidence, double dispersion) {
  const double z = boost::math::quantile(boost::math::normal(), confidence);
  return dispersion * z * z / 2;
}

// Between `inside`, which is not below the likeliest by `fall`, and `outside`: where it is.
double crossing(const Deviance& deviance, double inside, double outside, double fall) {
  if (deviance(outside) < fall) return outside;
  for (int i = 0; i < halvings; ++i) {
    const double middle = (inside + outside) / 2;
    (deviance(middle) < fall ? inside : outside) = middle;
  }
  return outside;
}

using Start = std::array<double, 2>;

// The least from any of these starts: a profile can have several hollows.
template <class Function>
double least_from(const Function& unlikely, const std::array<Start, 4>& starts) {
  double least = infinity;
  for (const Start& start : starts)
    if (std::isfinite(unlikely(start)))
      least = std::min(least, minimize<2>(unlikely, start, {0.1, 0.1}).value);
  return least;
}

// Of a number of events whose logarithm was profiled, with an estimate that can be 0.
Bounded bounded_number(const Deviance& deviance, double estimate, double most, const BoundsAt& at) {
  const double middle = std::clamp(estimate > 0 ? std::log(estimate) : rarest, rarest, most);
  Bounded bounded{estimate, 0, 0};
  const double lowest = crossing(deviance, middle, rarest, fall_at(at.lower, at.dispersion));
  bounded.lower = lowest <= rarest ? 0 : std::exp(lowest);
  bounded.upper = std::exp(crossing(deviance, middle, most, fall_at(at.upper, at.dispersion)));
  return bounded;
}

}  // namespace

Bounded pareto_events(const std::vector<double>& peaks, const ParetoFit& fit, double beyond,
                      const BoundsAt& at) {
  const auto count = static_cast<double>(peaks.size());
  const double likeliest = fit.log_likelihood + count * std::log(count) - count;
  const Deviance deviance = [&](double log_events) {
    // Of so many events beyond, the number of peaks and the shape give the scale.
    const auto unlikely = [&](const Start& v) {
      const double log_share = log_events - v[0];
      const double shape = v[1];
      if (log_share >= 0 || shape < -1) return infinity;
      const double scale = beyond / scales_out(shape, log_share);
      return std::exp(v[0]) - count * v[0] - pareto_log_likelihood(shape, scale, peaks);
    };
    const double start = std::max(std::log(count), log_events + 0.01);
    return least_from(unlikely,
                      {Start{start, fit.shape}, Start{start, 0}, Start{start, 0.3}, Start{start, -0.2}}) +
           likeliest;
  };
  return bounded_number(deviance, count * pareto_survival(fit.shape, fit.scale, beyond),
                        std::log(2 * count + 20), at);
}

Bounded gev_events_in_all(const std::vector<double>& maxima, const GevFit& fit, double x,
                          const BoundsAt& at) {
  const auto blocks = static_cast<double>(maxima.size());
  const Deviance deviance = [&](double log_events) {
    const double log_in_block = log_events - std::log(blocks);
    const auto above = [&](double shape) { return scales_out(shape, log_in_block); };
    const auto unlikely = [&](const Start& v) {
      if (v[1] < -1) return infinity;
      const double scale = fit.scale * std::exp(v[0]);
      return -gev_log_likelihood(x - scale * above(v[1]), scale, v[1], maxima);
    };
    // With a scale that brings the location to where the fit has it.
    const auto start = [&](double shape) {
      const double scale = (x - fit.location) / above(shape) / fit.scale;
      return Start{scale > 0 ? std::log(scale) : 0, shape};
    };
    return least_from(unlikely, {start(fit.shape), start(0), start(0.3), start(-0.2)}) + fit.log_likelihood;
  };
  const double in_block = gev_events(fit.location, fit.scale, fit.shape, x);
  return bounded_number(deviance, blocks * in_block, std::log(20 * blocks), at);
}

Bounded pareto_shape(const std::vector<double>& peaks, const ParetoFit& fit, const BoundsAt& at) {
  const double largest = *std::max_element(peaks.begin(), peaks.end());
  const Deviance deviance = [&](double shape) {
    const auto unlikely = [&](double log_scale) {
      return -pareto_log_likelihood(shape, std::exp(log_scale), peaks);
    };
    const double least = std::log(std::max(largest * 1e-4, -shape * largest * (1 + 1e-9)));
    return boost::math::tools::brent_find_minima(unlikely, least, std::log(largest * 100), 30).second +
           fit.log_likelihood;
  };
  const double middle = std::clamp(fit.shape, lightest, heaviest);
  return {fit.shape, crossing(deviance, middle, lightest, fall_at(at.lower, at.dispersion)),
          crossing(deviance, middle, heaviest, fall_at(at.upper, at.dispersion))};
}

}  // namespace loopgate
