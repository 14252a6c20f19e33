// What `loopgate bound` prints.
#pragma once

#include <string>
#include <vector>

#include "analysis/bound_cells.h"

namespace loopgate {

std::string to_text(const std::vector<BoundedCell>& cells);

}  // namespace loopgate
