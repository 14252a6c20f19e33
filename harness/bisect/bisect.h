// A bisection from two kernels' files to the culprit: verifies both ends, searches, and takes the culprit
// back from the bad end. Each step is a run of its own in the folder, and bisect.json is written after each.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "base/result.h"
#include "bisect/kernel_bench.h"
#include "bisect/kernel_changes.h"
#include "bisect/search.h"
#include "record/bisect_record.h"

namespace loopgate {

struct BisectRequest {
  Kernel good;
  Kernel bad;
  std::filesystem::path folder;
  std::function<void(const BisectStep& step)> on_step = {};  // once it is known, be it by an earlier call
  bool failing_is_bad = false;  // of judge_one(): else a kernel that fails cannot be tested
};

// What would be searched for, before anything is measured: neither ends nor steps are judged.
// A usage error where nothing differs.
Result<KernelDifference> differences_of(const BisectRequest& request);

// Goes on with what the folder has of the same bisection. Errors: usage where an end is not what it is said
// to be, where the folder holds another bisection, and where both ends are one kernel; infrastructure where
// the bench fails. The kernels' own failures are results of steps.
Result<BisectRecord> run_bisect(const BisectRequest& request, const KernelBench& bench);

// One step by itself: the request's bad end is the kernel that is judged, against its good end, which is
// measured by the first call. A usage error where the good end is not good, or would change with the tree
// that is judged.
Result<JudgedStep> judge_one(const BisectRequest& request, const KernelBench& bench);

}  // namespace loopgate
