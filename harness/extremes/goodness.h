// Whether a fitted distribution can be what a sample is from: the statistic of Anderson & Darling, which
// looks at the ends, against samples drawn from the fit and fitted again (the parametric bootstrap: Stute,
// Gonzalez Manteiga & Presedo Quindimil 1993, Metrika 40). Critical values of a given distribution do not
// hold for a fitted one. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

namespace loopgate {

// `probabilities`: what the distribution gives the values, P(X <= x), in any order. At least one.
double anderson_darling(std::vector<double> probabilities);

// Fits a sample and gives the probabilities of its values under that fit.
using FitProbabilities = std::function<std::vector<double>(const std::vector<double>& sample)>;
// The value that the share `probability` is below, under the fit that is asked about.
using Quantile = std::function<double(double probability)>;

struct Goodness {
  double statistic = 0;
  double p = 0;  // of so large a statistic, were the fit the truth; at least 1 / (draws + 1)
};

// The same sample gives the same p: the draws come from `seed`.
Goodness goodness_of_fit(const std::vector<double>& sample, const FitProbabilities& fit,
                         const Quantile& quantile, std::size_t draws, std::uint64_t seed);

}  // namespace loopgate
