// A line for a person while something takes long.
#pragma once

#include <functional>
#include <string>

namespace loopgate {

using Notify = std::function<void(const std::string& line)>;

}  // namespace loopgate
