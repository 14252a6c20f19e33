// The program's two commands. Each returns its exit status (target/service.h) and has said on standard output
// and standard error what it came to. libgpiod's exceptions go through.
#pragma once

#include <string>

#include "target/loopback/options.h"

namespace loopgate {

int check_command(const LoopbackOptions& options, const std::string& chip);
int run_command(const LoopbackOptions& options, const std::string& chip);

// Criteria error; returns the exit status.
int complain(const std::string& what, int exit_status);

}  // namespace loopgate
