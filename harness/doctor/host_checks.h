// What this machine needs to run the virtual bench.
#pragma once

#include <filesystem>
#include <vector>

#include "config/board.h"
#include "doctor/finding.h"

namespace loopgate {

// `root` holds ci/; `board` is a virtual one.
std::vector<Finding> check_host(const std::filesystem::path& root, const Board& board);

}  // namespace loopgate
