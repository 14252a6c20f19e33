// The generalized Pareto distribution of what exceeds a high threshold, by how much (Pickands 1975, Annals of
// Statistics 3; Coles 2001, An Introduction to Statistical Modeling of Extreme Values, section 4.2):
//
//   P(excess > y) = (1 + shape y / scale)^(-1 / shape), and exp(-y / scale) for shape 0
//
// A shape below 0 has an end, at -scale / shape. Pure.
#pragma once

#include <vector>

namespace loopgate {

struct ParetoFit {
  double shape = 0;
  double scale = 1;  // in the unit of the excesses
  double log_likelihood = 0;
};

double pareto_survival(double shape, double scale, double excess);
// The excess that the share `survival` (above 0, at most 1) is above.
double pareto_excess(double shape, double scale, double survival);
// Of all the excesses; minus infinity where one of them cannot be.
double pareto_log_likelihood(double shape, double scale, const std::vector<double>& excesses);

// Maximum likelihood, by one variable, shape / scale (Grimshaw 1993, Technometrics 35), with a shape from -1
// on: below it the likelihood has no maximum. `excesses`: at least two, above 0, in any order.
ParetoFit fit_pareto(const std::vector<double>& excesses);

}  // namespace loopgate
