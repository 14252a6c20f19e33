// How parts of the harness run a script on a board without owning the connection.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"

namespace loopgate {

// Runs a sh script on the board and gives its output; fails when it cannot be run or exits with an error.
using RunScript = std::function<Result<std::string>(const std::string& script)>;

}  // namespace loopgate
