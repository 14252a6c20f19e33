// Where instructions of a file are in a process' memory: a line of /proc/PID/maps (proc_pid_maps(5)).
#pragma once

#include <cstdint>
#include <string>

namespace loopgate {

struct CodeMap {
  std::string file;  // its path on the target; "[vdso]" is the kernel's
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::uint64_t offset = 0;  // of `begin`, in the file

  bool operator==(const CodeMap&) const = default;
};

}  // namespace loopgate
