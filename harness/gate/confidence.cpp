#include "gate/confidence.h"

#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <cmath>

#include "stats/resolution.h"

namespace loopgate {
namespace {

constexpr std::uint64_t most_samples = 1'000'000'000'000;

// Boost.Math reports by exception unless told otherwise.
using NoThrow = boost::math::policies::policy<
    boost::math::policies::domain_error<boost::math::policies::errno_on_error>,
    boost::math::policies::pole_error<boost::math::policies::errno_on_error>,
    boost::math::policies::overflow_error<boost::math::policies::errno_on_error>,
    boost::math::policies::evaluation_error<boost::math::policies::errno_on_error>>;

// Whether `count` stimuli, of which the share `seen` exceeds, would give a bound on one side of `share`. What
// is rounded to whole stimuli is rounded against the verdict.
bool decides(std::uint64_t count, double seen, double share, double confidence) {
  const double exceeding = seen * static_cast<double>(count);
  if (seen < share) {
    const auto rounded = std::min(count, static_cast<std::uint64_t>(std::ceil(exceeding)));
    return share_upper_bound(rounded, count, confidence) <= share;
  }
  return share_lower_bound(static_cast<std::uint64_t>(std::floor(exceeding)), count, confidence) > share;
}

}  // namespace

double share_upper_bound(std::uint64_t exceeding, std::uint64_t count, double confidence,
                         double design_effect) {
  if (exceeding >= count) return 1.0;
  return boost::math::ibeta_inv(static_cast<double>(exceeding) / design_effect + 1,
                                static_cast<double>(count - exceeding) / design_effect, confidence,
                                NoThrow());
}

double share_lower_bound(std::uint64_t exceeding, std::uint64_t count, double confidence,
                         double design_effect) {
  if (exceeding == 0) return 0.0;
  return boost::math::ibeta_inv(static_cast<double>(exceeding) / design_effect,
                                static_cast<double>(count - exceeding) / design_effect + 1, 1 - confidence,
                                NoThrow());
}

std::optional<std::uint64_t> samples_to_decide(std::uint64_t exceeding, std::uint64_t count, double share,
                                               double confidence) {
  if (exceeding == 0) return std::max(count, samples_to_resolve(share, confidence));
  const double seen = static_cast<double>(exceeding) / static_cast<double>(count);
  std::uint64_t too_few = count;
  std::uint64_t enough = count;
  while (!decides(enough, seen, share, confidence)) {
    if (enough > most_samples) return std::nullopt;
    too_few = enough;
    enough *= 2;
  }
  while (enough - too_few > 1) {
    const std::uint64_t middle = too_few + (enough - too_few) / 2;
    (decides(middle, seen, share, confidence) ? enough : too_few) = middle;
  }
  return enough;
}

}  // namespace loopgate
