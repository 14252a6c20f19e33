// What is left of a hunted run whose kernel failed.
#pragma once

#include <filesystem>
#include <string>

#include "base/result.h"
#include "hunt/volley.h"
#include "machine/machine.h"

namespace loopgate {

// A kernel error where the console says that the kernel failed, whatever came of the run.
Status check_console(const std::filesystem::path& console);

// Keeps the console's text in the cell's folder. `what` is how the kernel failed, `cell` its name,
// `run_folder` the run's. An infrastructure error where it cannot be kept.
Result<FailedKernel> keep_failed_run(const CellRequest& request, std::uint64_t seed, const std::string& what,
                                     const std::filesystem::path& run_folder, const std::string& cell);

}  // namespace loopgate
