// A folder that holds a measurement in bounds, and no run: what a latmon board measured, or files that were
// imported. One kernel under one load; its quantiles are intervals.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.h"
#include "capture/imported_file.h"
#include "capture/latmon_file.h"
#include "gate/policy.h"
#include "gate/verdict.h"
#include "programs/result/self_measurement.h"
#include "stats/comparison.h"

namespace loopgate {

struct BoundsRun {
  std::string evidence_sha256;  // of the file that it was read from
  Comparison evidence;          // of one group
  std::string measured_by;
  std::int64_t resolution_ns = 1;
  std::vector<std::pair<std::string, std::string>> facts;  // name and value, for people
  std::vector<ThreadLatencies> threads;                    // none of latmon
  std::vector<LatencyHistogram> histograms;
  std::vector<std::string> remarks;
  std::vector<std::string> not_known;

  const GroupEvidence& group() const { return evidence.groups.front(); }
};

// Whether a folder holds such a measurement, and no run.
bool holds_bounds(const std::filesystem::path& folder);

// A data error for a file that is missing, damaged, or contradicts itself.
Result<BoundsRun> read_bounds(const std::filesystem::path& folder);

// What was imported, before or without a folder.
Result<BoundsRun> bounds_of(const ImportedRun& imported);

// A usage error when the policy is of another suite or time base, compares kernels or baselines, counts
// replicates, or has no budget for this kernel and load.
Result<Verdict> judge(const Comparison& evidence, const Policy& policy);

struct GatedBounds {
  BoundsRun measured;
  Verdict verdict;
};

// Writes the verdict's files into the folder, as the gate of a run does (gate/verdict_files.h).
Result<GatedBounds> gate_bounds(const std::filesystem::path& folder, const std::filesystem::path& policy);

// bounds.json, which the report draws: the intervals of all quantiles, and the bins.
std::string bounds_json(const BoundsRun& run);
// Writes it into the folder; an earlier one is removed before anything is read.
Result<BoundsRun> compute_bounds(const std::filesystem::path& folder);

// For a terminal: the table, what was read, and what is not known.
std::string bounds_text(const BoundsRun& run, const Verdict* verdict);

}  // namespace loopgate
