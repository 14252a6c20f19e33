// The generalized extreme value distribution of the maxima of blocks (Jenkinson 1955; Coles 2001, section
// 3.1):
//
//   P(maximum <= x) = exp(-(1 + shape (x - location) / scale)^(-1 / shape)), and
//                     exp(-exp(-(x - location) / scale)) for shape 0
//
// The shape has the sign that the generalized Pareto's has (SciPy's `c` has the other one). Pure.
#pragma once

#include <vector>

namespace loopgate {

struct GevFit {
  double location = 0;
  double scale = 1;
  double shape = 0;
  double log_likelihood = 0;
};

// How many events above x a block has on average, -log P(maximum <= x): infinity below all that can be, 0
// above it.
double gev_events(double location, double scale, double shape, double x);
// The x that a block has `events` above on average.
double gev_level(double location, double scale, double shape, double events);
double gev_log_likelihood(double location, double scale, double shape, const std::vector<double>& maxima);

// Maximum likelihood, from where the probability-weighted moments of Hosking, Wallis & Wood (1985,
// Technometrics 27) are. `maxima`: at least ten, not all the same, in any order.
GevFit fit_gev(const std::vector<double>& maxima);

}  // namespace loopgate
