// The program from its options to its result.
#pragma once

#include <string>

#include "inspection/options.h"
#include "inspection/problem.h"

namespace loopgate::inspection {

// Runs until it is told to stop. `*line` is the result, also when the loop failed on its way; empty when it
// never began.
Status inspect(const Options& options, std::string* line);

}  // namespace loopgate::inspection
