// All cells of a board that is reached over SSH, between two looks at its bench.
#pragma once

#include <functional>
#include <vector>

#include "base/result.h"
#include "run/runner.h"

namespace loopgate {

// The cells of a board that is reached over SSH, between two health checks of its bench (run/health.h); then
// the board is left as it was found. A bench that is broken before is an infrastructure error, and no cell is
// run. Gives whether it was still sound at the end: if not, no kernel is blamed. `give_back` returns a board
// that was lent, once anything was done with it; where it fails, the board was somebody else's by then, and
// the bench is not sound.
Result<bool> run_cells_on_board(const Plan& plan, const std::vector<KernelFiles>& kernels,
                                const TargetImage& target, Machine* machine, const RunDirectory& directory,
                                const RunOptions& options, Progress* progress,
                                const std::function<Status()>& give_back = {});

}  // namespace loopgate
