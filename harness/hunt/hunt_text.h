// What `loopgate hunt` says.
#pragma once

#include <string>
#include <vector>

#include "record/hunt_file.h"

namespace loopgate {

std::string to_text(const std::vector<HuntedCell>& cells);

}  // namespace loopgate
