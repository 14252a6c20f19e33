// What the target must have for a program to be started there; else it is not applicable.
#pragma once

#include <string>
#include <vector>

namespace loopgate {

struct ProgramNeeds {
  int cpus = 1;                            // online
  std::string machine = {};                // as uname -m has it; empty: any
  std::string tracer = {};                 // of tracefs' available_tracers; empty: none
  std::vector<std::string> programs = {};  // in PATH, beside itself
  std::vector<std::string> files = {};     // such as the switch of a kernel option

  // Shared ones, by their names up to the version (libbenchmark.so); a board gets the target image's with
  // them.
  std::vector<std::string> libraries = {};

  bool operator==(const ProgramNeeds&) const = default;
};

}  // namespace loopgate
