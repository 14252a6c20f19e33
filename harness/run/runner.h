// Runs every cell of a plan, some at a time, each to its outcome on disk.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>

#include "machine/machine.h"
#include "run/plan.h"
#include "run/progress.h"
#include "run/run_directory.h"

namespace loopgate {

struct RunOptions {
  std::optional<int> jobs = {};  // cells at a time; none: one
  bool verify_determinism = false;
  const std::atomic<bool>* stop = nullptr;                   // once true, no other cell is begun
  std::function<std::string(const Cell&)> repeat_line = {};  // shown with a cell that ends badly

  bool is_stopped() const { return stop != nullptr && stop->load(); }
};

// Refuses what a board in wall-clock time can't do: several cells at a time, and to repeat itself.
Status check_options(const Plan& plan, const RunOptions& options);

// `machine` is used by all jobs at once. Fails only when an outcome could not be written; what became of the
// cells is in their outcomes.
Status run_cells(const Plan& plan, const std::vector<KernelFiles>& kernels, const TargetImage& target,
                 Machine* machine, const RunDirectory& directory, const RunOptions& options,
                 Progress* progress);

}  // namespace loopgate
