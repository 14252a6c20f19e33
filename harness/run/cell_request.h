// The request that a machine gets for a cell of the plan. Pure.
#pragma once

#include <filesystem>
#include <optional>

#include "machine/machine.h"
#include "run/plan.h"

namespace loopgate {

// `kernel` is nothing for the known-good one. `folder` is the cell's.
CellRequest request_for(const Plan& plan, const Cell& cell, const std::optional<KernelFiles>& kernel,
                        const TargetImage& target, const std::filesystem::path& folder);

}  // namespace loopgate
