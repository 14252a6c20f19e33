// How often a policy errs: null variants are held against each other, with and without planted regressions,
// by the very evaluate() that the gate calls. Pure, and the same for equal seeds whatever the number of jobs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "base/result.h"
#include "calibrate/replicate_pool.h"
#include "gate/policy.h"
#include "record/calibration.h"

namespace loopgate {

struct RateRequest {
  std::uint64_t draws = 2'000;
  std::uint64_t seed = 1;
  int jobs = 1;
  std::size_t replicates = 0;  // of a drawn run; 0: as many as a variant has
  // How many are judged, each time that it is one more; from any of the workers, one at a time. May be empty.
  std::function<void(std::uint64_t judged)> on_draw = {};
};

// Fills in all that is computed. A draw takes two disjoint sets of `replicates`, one as
// the run and one as its baseline; then each regression is planted in the run's side, in one kernel x load
// after the other. Where the policy has no [[baseline]] rule the second set is not used.
//
// A usage error where the policy does not fit what was measured, as evaluate() says it, and where there are
// not twice as many replicates as a draw takes.
Status compute_rates(const ReplicatePool& pool, const Policy& policy, RateRequest request,
                     Calibration* calibration);

// A usage error where the policy has a rule whose errors are not measured: a limit by the hour.
Status check_can_calibrate(const Policy& policy);

// Whether a rule of the policy is of this kernel's latency, so that it could find that it is worse: a budget
// of unanswered stimuli alone could not.
bool judges_latency(const Policy& policy, const std::string& kernel, const std::string& load);

}  // namespace loopgate
