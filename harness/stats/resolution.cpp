#include "stats/resolution.h"

#include <cmath>

namespace loopgate {

std::uint64_t samples_to_resolve(double share, double confidence) {
  return static_cast<std::uint64_t>(std::ceil(std::log1p(-confidence) / std::log1p(-share)));
}

bool is_resolved(std::uint32_t per_million, std::uint64_t count) {
  const double share_above = static_cast<double>(1'000'000 - per_million) / 1e6;
  return count >= samples_to_resolve(share_above, shown_confidence);
}

std::string unresolved_text(const Noun& counted) {
  return std::string("- : too few ") + counted.many + " for this quantile";
}

}  // namespace loopgate
