// A run directory's statistics, recomputed from its raw samples each time.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/file.h"
#include "base/result.h"
#include "stats/cell_result.h"
#include "stats/comparison.h"

namespace loopgate {

// Reads run.json, every cell's outcome.json and, where it is measured, its samples. A cell whose files are
// missing, damaged, altered (another sha256 than outcome.json has) or not what run.json planned is left out
// of the figures and stands in its group's `invalid` with the reason; only a run.json that can't be read
// fails the whole.
Result<Comparison> run_statistics(const std::filesystem::path& run_dir);

// The same, and writes summary.json of each measured cell, comparison.json and distribution.json. Earlier
// ones are removed before anything is read. `known`: what this command has read already, and is not read
// again. `write`: how, where another way is enough, as for a folder that becomes one run's as a whole.
using FileWriter = Status (*)(const std::filesystem::path& path, std::string_view bytes);
Result<Comparison> compute_run_statistics(const std::filesystem::path& run_dir, KnownFigures known = {},
                                          FileWriter write = write_file_atomically);

}  // namespace loopgate
