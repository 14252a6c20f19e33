// Whether a fitted distribution can be what a sample is from: the statistic of Anderson & Darling, which
// looks at the ends, against samples drawn from the fit and fitted again (the parametric bootstrap: Stute,
// Gonzalez Manteiga & Presedo Quindimil 1993, Metrika 40). Critical values of a given distribution do not
// hold for a fitted one. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "extremes/gev.h"
#include "extremes/pareto.h"

namespace loopgate {

// `probabilities`: what the distribution gives the values, P(X <= x), in any order. At least one.
double anderson_darling(std::vector<double> probabilities);

struct Goodness {
  double statistic = 0;
  double p = 0;  // of so large a statistic, were the fit the truth; at least 1 / (draws + 1)
};

// Of the fit to this sample. The same sample gives the same p: the draws come from `seed`.
Goodness goodness_of(const ParetoFit& fit, const std::vector<double>& sample, std::size_t draws,
                     std::uint64_t seed);
Goodness goodness_of(const GevFit& fit, const std::vector<double>& sample, std::size_t draws,
                     std::uint64_t seed);

}  // namespace loopgate
