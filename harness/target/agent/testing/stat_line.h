// A made-up /proc/PID/stat.
#pragma once

#include <string>

namespace loopgate {

// A line of /proc/PID/stat as Linux 6.12 writes it. `flags` of a kernel thread: 2129984; of a program:
// 4194304.
inline std::string stat_line(int pid, const std::string& name, int session,
                             const std::string& flags = "4194304", char state = 'S', int rt_priority = 0,
                             int policy = 0) {
  const std::string leader = std::to_string(session);
  return std::to_string(pid) + " (" + name + ") " + state + " 1 " + leader + " " + leader + " 0 -1 " + flags +
         " 1187 0 3 0 12 5 30 10 20 0 1 0 250 12345 300 18446744073709551615 1 1 0 0 0 0 0 0 0 0 0 0 17 0 " +
         std::to_string(rt_priority) + " " + std::to_string(policy) + " 0 0 0 0 0 0 0 0 0 0 0\n";
}

}  // namespace loopgate
