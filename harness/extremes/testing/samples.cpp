#include "extremes/testing/samples.h"

#include <algorithm>
#include <cmath>

namespace loopgate::testing {

double uniform(Random* random) { return (static_cast<double>((*random)() >> 11U) + 0.5) * 0x1p-53; }

double exponential(double share) { return 20'000 - 5'000 * std::log(share); }

double heavy(double share) { return 20'000 + 3'000 * (std::pow(share, -0.3) - 1) / 0.3; }

double bounded_at_30us(double share) { return 30'000 - 10'000 * share; }

double two_paths(double share) {
  return share < 0.01 ? 32'000 - 300 * std::log(share / 0.01) : 18'000 - 100 * std::log(share);
}

std::vector<double> drawn(std::size_t count, const Survival& survival, Random* random) {
  std::vector<double> values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(survival(uniform(random)));
  return values;
}

Drawn replicates_of(std::size_t replicates, std::size_t stimuli, const Survival& survival, Random* random) {
  Drawn all(replicates);
  for (auto& each : all)
    for (const double latency : drawn(stimuli, survival, random))
      each.push_back(static_cast<std::int64_t>(latency));
  return all;
}

Drawn clustered(const Drawn& replicates, std::size_t length) {
  Drawn all = replicates;
  for (std::size_t r = 0; r < all.size(); ++r)
    for (std::size_t i = 0; i < all[r].size(); ++i)
      for (std::size_t back = 1; back < length && back <= i; ++back)
        all[r][i] = std::max(all[r][i], replicates[r][i - back] - static_cast<std::int64_t>(1'000 * back));
  return all;
}

InOrder in_order(const Drawn& drawn) { return {drawn.begin(), drawn.end()}; }

}  // namespace loopgate::testing
