// Measures one kernel of a cost and reads its figures.
#pragma once

#include "base/result.h"
#include "bisect/kernel_bench.h"
#include "record/cost_file.h"
#include "stats/quantities.h"

namespace loopgate {

// The figures, or why the kernel cannot be measured: it failed, it is not what its file says, or stimuli had
// no answer, without which every figure would be too small. A cell that is INVALID is measured once
// more, and where it is for another reason then, or not any more, the bench is at fault. No error is the
// kernel's. The step's name and changes are the caller's.
Result<CostStep> measured_step(const KernelBench& bench, PreparedKernel* prepared, const Quantity& by);

}  // namespace loopgate
