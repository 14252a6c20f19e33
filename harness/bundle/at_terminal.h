// Runs a program that asks the person at the terminal for a passphrase: in this process's own group and with
// its terminal, which base/process.h's run_program() takes from a program, so that none waits unseen.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace loopgate {

struct TerminalProgram {
  std::vector<std::string> argv;      // argv[0] is looked up in PATH
  std::chrono::seconds limit{};       // then it is killed
  std::filesystem::path input_file;   // its standard input; empty: this program's own
  std::filesystem::path output_file;  // takes its standard output; empty: this program's standard error does
};

// Its exit status. What it says goes to this program's standard error as it says it. An infrastructure error
// where it cannot be started, is killed, or did not end in time; the terminal's echo is then as it was.
Result<int> run_at_terminal(const TerminalProgram& program);

}  // namespace loopgate
