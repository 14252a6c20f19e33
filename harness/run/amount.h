// How many stimuli in how many replicates: what is asked for, completed by the suite's own.
#pragma once

#include <cstdint>

namespace loopgate {

struct Amount {
  std::int64_t samples = 0;  // counted stimuli of each replicate
  std::int64_t repeat = 0;
  bool operator==(const Amount&) const = default;
};

// `asked`: 0 is not said; without `repeat` its samples are those of all replicates together. `suites`: of a
// suite whose programs measure by themselves it has no samples.
Amount amount_of(const Amount& asked, const Amount& suites, bool is_virtual);

}  // namespace loopgate
