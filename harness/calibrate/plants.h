// Regressions that are planted in latencies that were measured: what would the policy have said of a kernel
// that is worse by so much? Each replicate is planted by itself, on stimuli that are drawn anew. What a
// longer answer does to the stimulus after it is left out. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>

#include "base/random_draws.h"
#include "calibrate/replicate_pool.h"
#include "record/calibration.h"
#include "stats/summary.h"

namespace loopgate {

inline constexpr std::size_t plant_count = std::size(planted_regressions);

// How much each regression adds to a stimulus of a kernel x load, by its pooled figures; of what differs from
// stimulus to stimulus the most.
std::array<std::int64_t, plant_count> added_by_plants(const PooledGroup& group);

// Latencies with the regression (an index of planted_regressions), in time where it was planted: how slow
// stimuli come in clusters is that of the planted ones.
ReplicateLatencies planted(const PooledReplicate& replicate, std::size_t plant, std::int64_t added_ns,
                           RandomDraws* random);

}  // namespace loopgate
