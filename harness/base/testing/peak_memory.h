// How much memory this process has held at the most, for tests that bound it.
#pragma once

#include <malloc.h>

#include <cstddef>
#include <fstream>
#include <string>

namespace loopgate::testing {

// Since the last forget_peak(), mapped files included; 0 where it can't be told.
inline std::size_t peak_kb() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:")) return std::stoul(line.substr(6));
  return 0;
}

// False where the kernel does not let it be forgotten.
inline bool forget_peak() {
  ::malloc_trim(0);
  std::ofstream refs("/proc/self/clear_refs");
  refs << "5" << std::flush;
  return refs.good();
}

}  // namespace loopgate::testing
