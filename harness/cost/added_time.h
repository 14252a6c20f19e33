// What one kernel's replicates take longer than another's. Pure.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "record/cost_file.h"

namespace loopgate {

// Two-sided, of every interval of a cost.
inline constexpr double cost_confidence = 0.99;

// The mean of what each replicate takes longer than the other kernel's of the same schedule, so that what
// several differences add sums up to the whole; its interval is Student's of these pairs (Student 1908,
// Biometrika 6, p. 1): mean +- t(1 - (1 - confidence) / 2, n - 1) * s / sqrt(n). One point where all pairs
// say the same. ns. An infrastructure error where the replicates are no pairs, or fewer than two.
Result<AddedTime> added_time(const std::vector<std::int64_t>& before_ns,
                             const std::vector<std::int64_t>& after_ns, double confidence);

}  // namespace loopgate
