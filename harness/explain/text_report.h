// What `loopgate explain` prints.
#pragma once

#include <string>

#include "explain/explanation.h"

namespace loopgate {

std::string to_text(const Explanation& explanation);

}  // namespace loopgate
