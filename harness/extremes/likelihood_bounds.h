// How often events above a latency come, and between which bounds, by the profile likelihood (Coles 2001,
// sections 2.6.6 and 7.5): unlike an interval that is even around the estimate, it knows that a tail can be
// much heavier than it looks, and little lighter. Pure.
#pragma once

#include <vector>

#include "extremes/gev.h"
#include "extremes/pareto.h"

namespace loopgate {

// One-sided bounds are each at a confidence of its own: a limit is kept by the upper one, broken by the lower
// one.
struct BoundsAt {
  double lower = 0.95;
  double upper = 0.95;
  // By how much more observations differ than independent ones do (clusters.h); the likelihood counts for so
  // much less (Chandler & Bate 2007, Biometrika 94).
  double dispersion = 1;
};

struct Bounded {
  double estimate = 0;
  double lower = 0;
  double upper = 0;
};

// Events above `beyond` (above 0, over the threshold) in the time in which these peaks were seen: a Poisson
// number of peaks, each with a generalized Pareto's excess.
Bounded pareto_events(const std::vector<double>& peaks, const ParetoFit& fit, double beyond,
                      const BoundsAt& at);
// Events above x in the time of all these blocks.
Bounded gev_events_in_all(const std::vector<double>& maxima, const GevFit& fit, double x, const BoundsAt& at);
// The shape of the peaks.
Bounded pareto_shape(const std::vector<double>& peaks, const ParetoFit& fit, const BoundsAt& at);

}  // namespace loopgate
