// What `loopgate explain` prints.
#pragma once

#include <string>

#include "explain/document.h"

namespace loopgate {

std::string screen_of(const Explanation& explanation);

}  // namespace loopgate
