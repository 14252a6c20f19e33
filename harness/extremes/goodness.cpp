#include "extremes/goodness.h"

#include <algorithm>
#include <cmath>

#include "base/split_mix.h"

namespace loopgate {
namespace {

constexpr double least_probability = 1e-12;  // a value at the end of a distribution has a logarithm, too

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

Goodness goodness_of_fit(const std::vector<double>& sample, const FitProbabilities& fit,
                         const Quantile& quantile, std::size_t draws, std::uint64_t seed) {
  Goodness goodness;
  goodness.statistic = anderson_darling(fit(sample));
  std::size_t as_large = 0;
  std::vector<double> drawn(sample.size());
  for (std::size_t draw = 0; draw < draws; ++draw) {
    for (double& value : drawn) {
      seed += 0x9e3779b97f4a7c15ULL;
      value = quantile((static_cast<double>(split_mix(seed) >> 11U) + 0.5) * 0x1p-53);
    }
    if (anderson_darling(fit(drawn)) >= goodness.statistic) ++as_large;
  }
  goodness.p = static_cast<double>(as_large + 1) / static_cast<double>(draws + 1);
  return goodness;
}

}  // namespace loopgate
