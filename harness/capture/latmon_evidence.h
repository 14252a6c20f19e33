// A latmon measurement as evidence for the gate: one kernel under one load, whose tail is known in bounds.
// Budgets are judged as everywhere; limits on counts that latmon does not make (late, not sent, decisions)
// are INVALID.
#pragma once

#include "base/result.h"
#include "capture/latmon_file.h"
#include "gate/policy.h"
#include "gate/verdict.h"
#include "stats/comparison.h"

namespace loopgate {

Comparison evidence_of(const LatmonFile& file);

// A usage error when the policy is of another suite or time base, compares kernels or baselines, counts
// replicates, or has no budget for this kernel and load.
Result<Verdict> judge(const LatmonFile& file, const Policy& policy);

// RUN/latmon.json against a policy; writes the verdict's files beside it, as the gate of a run does
// (gate/verdict_files.h).
Result<Verdict> gate_latmon(const std::filesystem::path& folder, const std::filesystem::path& policy);

// Whether a folder holds a latmon measurement, and no run.
bool holds_latmon(const std::filesystem::path& folder);

}  // namespace loopgate
