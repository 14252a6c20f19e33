// The program from its options to its result.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "inspection/error.h"
#include "inspection/loop.h"
#include "inspection/options.h"

namespace loopgate::inspection {

using MakeLoop = std::function<std::unique_ptr<Loop>(const LoopParts& parts, const LoopOptions& options)>;

std::unique_ptr<Loop> make_loop(const LoopParts& parts, const LoopOptions& options);

// Runs until it is stopped by a signal. `*line` is the result, also when the loop failed on the way; empty
// when the loop never began.
Status inspect(const Options& options, std::string* line, const MakeLoop& make = make_loop);

// The whole program: prints the result or the error, and gives the exit status.
int run_program(const Options& options, const MakeLoop& make = make_loop);

}  // namespace loopgate::inspection
