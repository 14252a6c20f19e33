// A latmon measurement as evidence for the gate: one kernel under one load, whose tail is known in bounds.
// Budgets are judged as everywhere; limits on counts that latmon does not make (late, not sent, decisions)
// are INVALID.
#pragma once

#include "capture/latmon_file.h"
#include "stats/comparison.h"

namespace loopgate {

Comparison evidence_of(const LatmonFile& file);

}  // namespace loopgate
