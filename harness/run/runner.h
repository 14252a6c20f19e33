// Runs every cell of a plan, some at a time, each to its outcome on disk.
#pragma once

#include <functional>
#include <memory>

#include "machine/machine.h"
#include "plan/plan.h"
#include "run/progress.h"
#include "run/run_directory.h"

namespace loopgate {

struct RunOptions {
  int jobs = 1;
  bool verify_determinism = false;
};

// `machine` is used by all jobs at once. Fails only when an outcome could not be written; what became of the
// cells is in their outcomes.
Status run_cells(const Plan& plan, const std::vector<KernelImage>& kernels, const TargetImage& target,
                 Machine* machine, const RunDirectory& directory, const RunOptions& options,
                 Progress* progress);

CellOrder order_for(const Plan& plan, const Cell& cell, const KernelImage& kernel, const TargetImage& target,
                    const std::filesystem::path& folder);

}  // namespace loopgate
