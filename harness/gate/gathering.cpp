#include "gate/gathering.h"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>

#include "extremes/clusters.h"

namespace loopgate {
namespace {

// P(Binomial(all, part) >= some).
double chance_of_at_least(std::uint64_t some, std::uint64_t all, double part) {
  if (some == 0 || part >= 1) return 1;
  const boost::math::binomial_distribution<double> draws(static_cast<double>(all), part);
  return boost::math::cdf(boost::math::complement(draws, static_cast<double>(some) - 1));
}

}  // namespace

double chance_of_gathering(const std::vector<ReplicateShare>& replicates) {
  std::uint64_t above = 0;
  std::uint64_t total = 0;
  for (const ReplicateShare& each : replicates) {
    if (!each.above.exact() || !each.total.exact()) return 1;
    above += each.above.least;
    total += each.total.least;
  }
  if (above == 0 || replicates.size() < 2) return 1;
  double smallest = 1;
  for (const ReplicateShare& each : replicates)
    smallest = std::min(
        smallest, chance_of_at_least(each.above.least, above,
                                     static_cast<double>(each.total.least) / static_cast<double>(total)));
  return std::min(1.0, smallest * static_cast<double>(replicates.size()));
}

double dispersion_above(const std::vector<ReplicateShare>& replicates) {
  std::vector<std::size_t> counts;
  for (const ReplicateShare& each : replicates) counts.push_back(each.above.least);
  return dispersion_of(counts);
}

}  // namespace loopgate
