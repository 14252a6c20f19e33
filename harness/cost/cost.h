// What each difference between two kernels costs: from the one kernel to the other, one group of differences
// after the other, each step a run of its own in the folder. cost.json is written after each.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "bisect/kernel_bench.h"
#include "cost/ends.h"
#include "record/cost_file.h"

namespace loopgate {

struct CostRequest {
  Kernel from;
  Kernel to;
  std::vector<std::string> globs;  // of the options of a kernel that is built again (cost/rebuilt_end.h)
  std::string by = "p50";          // the quantity
  std::optional<double> least_ns;  // below which nothing is divided; nothing: 1 % of the first kernel's,
                                   // and at least what chance reaches
  std::size_t most_kernels = 0;    // that are measured between the two; 0: as many as it takes
  bool functions = true;           // of the path are named, on virtual time
  std::filesystem::path folder;
  std::function<void(const CostStep& step)> on_step = {};  // once it is known, be it by an earlier call
};

// A usage error where a cost can't be had of such a plan: several loads, or one replicate.
Status check_cost_plan(const Plan& plan);

// Of a plan that was checked. Goes on with what the folder has of the same cost. Errors: usage where the
// kernels do not differ, `least_ns` is within what chance makes, or the folder holds something else; kernel
// where one of the two fails; infrastructure where one is INVALID, or the bench fails.
Result<CostRecord> run_cost(const CostRequest& request, const KernelBench& bench);

}  // namespace loopgate
