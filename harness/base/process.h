// Programs that are run to their end: argv vectors, never shell strings, always with a time limit.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace loopgate {

struct ProcessResult {
  int exit_status = 0;
  std::string output;    // standard output
  std::string errors;    // standard error
  bool stopped = false;  // `on_pause` wanted no more of it
};

struct Program {
  std::vector<std::string> argv;  // argv[0] is looked up in PATH
  std::chrono::milliseconds limit{};
  std::string input;                                // its standard input,
  std::filesystem::path input_file;                 // or this file is
  std::filesystem::path output_file;                // takes its standard output instead of memory,
  std::function<void(std::string_view)> on_output;  // or this does, as it comes
  std::function<void(const std::string&)> on_error_line;
  std::size_t errors_max = std::size_t{16} << 20U;  // of its standard error the last is kept
  std::chrono::milliseconds pause{};                // after each such time
  std::function<bool()> on_pause;                   // this is asked whether to go on
};

// Runs it and waits for its end, at most `limit`; then it and its children are killed and the call fails.
// Every line of standard error is given to `on_error_line` as it comes. A non-zero exit status is no failure
// here.
Result<ProcessResult> run_program(const Program& program);
Result<ProcessResult> run_program(const std::vector<std::string>& argv, std::chrono::seconds limit,
                                  const std::function<void(const std::string&)>& on_error_line = {});

// For a process that was just forked and will start a program: it is killed when the thread that forked it
// ends, also where that has ended already. `parent`: the process of that thread.
void end_with(pid_t parent);

// Kills a child of this process and reaps it; one that SIGKILL does not end within 10 s is stuck in the
// kernel, and left. Boost.Process 1.74 kills and does not wait: what it ended stays a zombie.
void end_child(pid_t child);

// The same command as one line that a POSIX shell takes.
std::string quoted(const std::vector<std::string>& argv);

// The program's path, as the shell's PATH finds it; empty when it is not there.
std::string find_program(const std::string& name);

}  // namespace loopgate
