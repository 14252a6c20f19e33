// How a finished cell ended, and its samples: outcome.json and samples.lgs, held against what run.json
// planned.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "record/run_description.h"
#include "stats/comparison.h"
#include "stats/summary.h"

namespace loopgate {

struct CellResult {
  std::optional<CellStatistics> measured;  // nothing: then `unmeasured` says why
  UnmeasuredCell unmeasured;
  std::string samples_sha256;
};

CellResult read_cell_result(const std::filesystem::path& cell_dir, const DescribedCell& cell,
                            const RunDescription& run);

}  // namespace loopgate
