// Which functions a path got longer in: of the median stimulus of two measured kernels.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/notify.h"
#include "base/result.h"
#include "record/cost_file.h"
#include "record/run_record.h"

namespace loopgate {

// ns of the function's own instructions, by its name in the source. They add up to the latency.
using PathFunctions = std::map<std::string, std::int64_t>;

// Of the median stimulus of the run's first cell, which is made again for it. Only on virtual time.
Result<PathFunctions> path_functions(const std::filesystem::path& run, const LoopgateVersion& version,
                                     const Notify& notify);

inline constexpr std::size_t most_functions = 5;

// Those that changed most in the direction of the whole change, the most first. Pure.
std::vector<FunctionCost> longer_functions(const PathFunctions& before, const PathFunctions& after);

}  // namespace loopgate
