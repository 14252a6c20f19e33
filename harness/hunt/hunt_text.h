// What `loopgate hunt` says.
#pragma once

#include <string>
#include <vector>

#include "record/hunt_file.h"

namespace loopgate {

// `run`: the run's folder, for the command lines.
std::string to_text(const std::vector<HuntedCell>& cells, const std::string& run);

}  // namespace loopgate
