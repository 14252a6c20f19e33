// Parses /proc/PID/task/TID/stat: a thread's identity and scheduling.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace loopgate {

inline constexpr const char* thread_stat_files = "/proc/[0-9]*/task/[0-9]*/stat";

struct ThreadStat {
  int id = 0;
  std::string name;
  bool kernel = false;
  int cpu = 0;       // the CPU that it ran on last
  int policy = 0;    // sched_setscheduler(2)
  int priority = 0;  // 1 to 99 of SCHED_FIFO and SCHED_RR, else 0

  bool deadline() const { return policy == 6; }
  bool real_time() const { return policy == 1 || policy == 2 || deadline(); }
};

// Empty when it is not such a line.
std::optional<ThreadStat> parse_thread_stat(std::string_view line);

// "irq/24-eth0 (FIFO 50)".
std::string to_text(const ThreadStat& thread);

}  // namespace loopgate
