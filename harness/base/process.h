// Programs that are run to their end: argv vectors, never shell strings, always with a time limit.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"

namespace loopgate {

struct Finished {
  int exit_status = 0;
  std::string output;  // standard output
  std::string errors;  // standard error
};

// Runs argv[0] (looked up in PATH) and waits for its end, at most `limit`; then it and its children are
// killed and the call fails. Every line of standard error is given to `on_error_line` as it comes. A non-zero
// exit status is no failure here.
Result<Finished> run_program(const std::vector<std::string>& argv, std::chrono::seconds limit,
                             const std::function<void(const std::string&)>& on_error_line = {});

// The same command as one line that a POSIX shell takes.
std::string quoted(const std::vector<std::string>& argv);

// The program's path, as the shell's PATH finds it; empty when it is not there.
std::string find_program(const std::string& name);

}  // namespace loopgate
