// [[program]] of a suite.toml: a program that measures by itself.
#pragma once

#include <string>
#include <vector>

#include "base/program_needs.h"
#include "base/result.h"
#include "config/toml_table.h"
#include "programs/measuring/measuring_program.h"

namespace loopgate {

struct SuiteProgram {
  std::string name;                           // of its own in the suite
  const MeasuringProgram* adapter = nullptr;  // lives as long as we do
  ProgramOrder order;
  ProgramNeeds needs;  // the adapter's and the suite's
  int timeout_s = 0;

  // On the target; empty where it leaves none.
  std::string target_file() const;
  // Its whole command line.
  std::vector<std::string> argv() const;
};

// A usage error names the file, the table and the key.
Result<std::vector<SuiteProgram>> read_suite_programs(const std::vector<TomlTable>& tables);

}  // namespace loopgate
