// Whether a run is the one that the plan file asks for. Pure.
#pragma once

#include "accept/describe.h"
#include "base/result.h"

namespace loopgate {

// A data error where it is not: another suite, board, kernels, loads, number of stimuli, a part of it,
// another policy than was agreed, or a seed that is not the one derived of nonce and kernel images (seed.h).
Status check_fits_plan(const AcceptanceRecord& record, const AcceptedRun& run);

}  // namespace loopgate
