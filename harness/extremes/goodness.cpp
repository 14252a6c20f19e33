#include "extremes/goodness.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/split_mix.h"

namespace loopgate {
namespace {

constexpr double least_probability = 1e-12;  // a value at the end of a distribution has a logarithm, too

ParetoFit fit_again(const ParetoFit&, const std::vector<double>& sample) { return fit_pareto(sample); }
GevFit fit_again(const GevFit&, const std::vector<double>& sample) { return fit_gev(sample); }

double probability_of(const ParetoFit& fit, double value) {
  return 1 - pareto_survival(fit.shape, fit.scale, value);
}
double probability_of(const GevFit& fit, double value) {
  return std::exp(-gev_events(fit.location, fit.scale, fit.shape, value));
}

double value_at(const ParetoFit& fit, double probability) {
  return pareto_excess(fit.shape, fit.scale, 1 - probability);
}
double value_at(const GevFit& fit, double probability) {
  return gev_level(fit.location, fit.scale, fit.shape, -std::log(probability));
}

template <class Fit>
double statistic_of(const Fit& fit, const std::vector<double>& sample) {
  std::vector<double> probabilities;
  for (const double value : sample) probabilities.push_back(probability_of(fit, value));
  return anderson_darling(std::move(probabilities));
}

template <class Fit>
Goodness bootstrapped(const Fit& fit, const std::vector<double>& sample, std::size_t draws,
                      std::uint64_t seed) {
  Goodness goodness;
  goodness.statistic = statistic_of(fit, sample);
  std::size_t as_large = 0;
  std::vector<double> drawn(sample.size());
  for (std::size_t draw = 0; draw < draws; ++draw) {
    for (double& value : drawn) {
      seed += 0x9e3779b97f4a7c15ULL;
      value = value_at(fit, (static_cast<double>(split_mix(seed) >> 11U) + 0.5) * 0x1p-53);
    }
    if (statistic_of(fit_again(fit, drawn), drawn) >= goodness.statistic) ++as_large;
  }
  goodness.p = static_cast<double>(as_large + 1) / static_cast<double>(draws + 1);
  return goodness;
}

}  // namespace

double anderson_darling(std::vector<double> probabilities) {
  std::sort(probabilities.begin(), probabilities.end());
  const std::size_t n = probabilities.size();
  for (double& each : probabilities) each = std::clamp(each, least_probability, 1 - least_probability);
  double sum = 0;
  for (std::size_t i = 0; i < n; ++i)
    sum +=
        static_cast<double>(2 * i + 1) * (std::log(probabilities[i]) + std::log1p(-probabilities[n - 1 - i]));
  return -static_cast<double>(n) - sum / static_cast<double>(n);
}

Goodness goodness_of(const ParetoFit& fit, const std::vector<double>& sample, std::size_t draws,
                     std::uint64_t seed) {
  return bootstrapped(fit, sample, draws, seed);
}

Goodness goodness_of(const GevFit& fit, const std::vector<double>& sample, std::size_t draws,
                     std::uint64_t seed) {
  return bootstrapped(fit, sample, draws, seed);
}

}  // namespace loopgate
