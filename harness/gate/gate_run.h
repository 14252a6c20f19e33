// The gate on a run directory: recomputes the statistics from the raw samples, evaluates, and writes the
// verdict's files.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>

#include "base/result.h"
#include "gate/verdict.h"
#include "gate/verdict_export.h"
#include "stats/comparison.h"

namespace loopgate {

struct GateRequest {
  std::filesystem::path run_dir;
  std::filesystem::path policy;
  // A run's folder (its raw samples are read again when it has them), or a comparison.json.
  std::optional<std::filesystem::path> baseline;
  // The same of a run in virtual time, of which the order of the kernels is held against this one's.
  std::optional<std::filesystem::path> compare_order;
  // A calibration's folder, or its file: it says how often this gate errs, and must be of this very gate.
  std::optional<std::filesystem::path> calibration = {};
  ExportRequests exports = {};  // which check_exports() has accepted
  // What to do about cells that are not measured; may be empty.
  std::function<std::string(const Comparison&)> next_step = {};
};

struct GateResult {
  Comparison comparison;
  Verdict verdict;
};

// Writes verdict.json, junit.xml and verdict.md into the run's folder, and the exports. Those of an earlier
// gate do not outlive one that came to no verdict, but for a usage error, which leaves everything as it was.
Result<GateResult> gate_run(const GateRequest& request);

// A usage error of a run that was asked for one replicate of several: its figures would pass for the run's.
Status check_is_whole(const std::filesystem::path& run_dir);

}  // namespace loopgate
