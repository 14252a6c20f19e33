// What /proc says: pure parsers of its texts, and scans of its tree. A scan takes the tree's root, so that a
// test can give it another one.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "protocol/code_map.h"

namespace loopgate {

// /proc/PID/stat (proc_pid_stat(5)); a tick is 1/sysconf(_SC_CLK_TCK) s.
struct ProcessStat {
  pid_t pid = 0;
  std::string name;
  char state = '?';
  pid_t parent = 0;
  pid_t group = 0;
  pid_t session = 0;
  bool kernel_thread = false;
  std::uint64_t own_ticks = 0;       // user and system
  std::uint64_t children_ticks = 0;  // of the children that it has waited for
  int rt_priority = 0;
  int policy = 0;  // SCHED_OTHER, SCHED_FIFO, ...
};

Result<ProcessStat> parse_process_stat(std::string_view line);

// The first line of /proc/stat, all CPUs together.
struct CpuTicks {
  std::uint64_t idle = 0;  // waiting for a disk counted as idle
  std::uint64_t total = 0;
};

Result<CpuTicks> parse_cpu_ticks(std::string_view text);

// The time on a CPU in ns: the first number of /proc/PID/schedstat.
Result<std::uint64_t> parse_run_time_ns(std::string_view text);

// The value of KEY=VALUE in a kernel command line; the last one holds, as in the kernel.
std::optional<std::string> kernel_argument(std::string_view command_line, std::string_view key);

// One process, or nothing when it is not there (any more).
std::optional<ProcessStat> read_process(pid_t pid, const std::string& proc = "/proc");

// Every process and kernel thread that was there; one that ends meanwhile is left out.
std::vector<ProcessStat> read_processes(const std::string& proc = "/proc");

// What the processes of a session, or of a process group, use that `leader` began.
struct GroupUsage {
  int processes = 0;         // alive; zombies are not
  std::uint64_t cpu_ns = 0;  // of the live ones to the ns, of the ended ones in ticks
};

GroupUsage usage_of(pid_t leader, const std::string& proc = "/proc");

// The executable lines of /proc/PID/maps that have a name; what is no such line is left out.
std::vector<CodeMap> parse_code_maps(std::string_view text);

// Empty when the process is not there (any more).
std::vector<CodeMap> code_maps_of(pid_t pid, const std::string& proc = "/proc");

// Ends what is left of them, with SIGKILL.
void kill_all_of(pid_t leader);

}  // namespace loopgate
