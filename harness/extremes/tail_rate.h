// How often a latency is exceeded that was seldom or never seen, from the tail of what was seen: peaks over a
// threshold and maxima of blocks, each by its limit distribution. And when that must not be said: a fit goes
// through any points. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "extremes/clusters.h"
#include "extremes/likelihood_bounds.h"

namespace loopgate {

struct TailQuestion {
  std::int64_t over_ns = 0;
  double confidence_of_upper = 0.95;
  double confidence_of_lower = 0.95;
};

struct PeaksFit {
  std::int64_t threshold_ns = 0;
  std::size_t exceedances = 0;
  std::size_t peaks = 0;  // clusters of them
  double shape = 0;
  double shape_upper = 0;
  double scale_ns = 0;
  double p = 0;  // goodness of fit
};

struct BlocksFit {
  std::size_t block = 0;  // stimuli
  std::size_t blocks = 0;
  double location_ns = 0;
  double scale_ns = 0;
  double shape = 0;
  double p = 0;
};

struct TailRate {
  std::string refused;            // why nothing is said, as half a sentence; empty where something is
  std::optional<PeaksFit> peaks;  // as far as it came
  std::optional<BlocksFit> blocks;
  // Stimuli above `over_ns` in the time of all these; bounds of either fit, whichever is the further.
  Bounded stimuli;
};

inline constexpr std::size_t least_stimuli_of_tail = 5'000;  // 50 blocks of 100
inline constexpr double tail_fit_level = 0.1;                // a fit with a smaller p is refused
// Times as long as measured. A path that is taken once in 10,000 stimuli was seen once in as many, and lies
// in no fit: the further out, the more of a PASS would be of paths that nobody saw (decision 0035).
inline constexpr double furthest_tail = 30;

// `replicates`: each stimulus has an answer. `most`: how many stimuli the limit allows in the time of all
// these; further than `furthest_tail` is not looked. The same samples give the same answer.
TailRate tail_rate(const InOrder& replicates, const TailQuestion& question, double most);

}  // namespace loopgate
