// Samples drawn for tests: the same seed gives the same.
#pragma once

#include <cstdint>
#include <functional>
#include <random>
#include <vector>

#include "extremes/clusters.h"

namespace loopgate::testing {

using Random = std::mt19937_64;

double uniform(Random* random);  // above 0, below 1

// The latency in ns that a share of all is above.
using Survival = std::function<double(double share)>;

double exponential(double share);  // 20 us and a mean of 5 us more
double heavy(double share);        // Pareto's, shape 0.3
double bounded_at_30us(double share);
// 18 us and a little, and in 1 of 100 stimuli a path of about 32 us, as PREEMPT_RT has it.
double two_paths(double share);

std::vector<double> drawn(std::size_t count, const Survival& survival, Random* random);
// The latencies of each replicate.
using Drawn = std::vector<std::vector<std::int64_t>>;

Drawn replicates_of(std::size_t replicates, std::size_t stimuli, const Survival& survival, Random* random);
// Each latency delays the next ones as well, 1 us less each.
Drawn clustered(const Drawn& replicates, std::size_t length);

// Of what is drawn, which must live on.
InOrder in_order(const Drawn& drawn);

}  // namespace loopgate::testing
