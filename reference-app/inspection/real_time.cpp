#include "inspection/real_time.h"

#include <sched.h>
#include <sys/resource.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "target/real_time.h"

namespace loopgate::inspection {

namespace {

std::string stay_on(unsigned cpu) {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (cpu < CPU_SETSIZE) CPU_SET(cpu, &set);
  if (cpu < CPU_SETSIZE && ::sched_setaffinity(0, sizeof(set), &set) == 0) return {};
  return "a thread of the loop cannot be pinned to CPU " + std::to_string(cpu) +
         ": it does not exist, or this program may not use it";
}

std::string take_deadline(const RealTimeOptions& options) {
  sched_attr attributes{};
  attributes.size = sizeof(attributes);
  attributes.sched_policy = SCHED_DEADLINE;
  attributes.sched_runtime = options.runtime_us * 1000;
  attributes.sched_deadline = options.deadline_us * 1000;
  attributes.sched_period = options.period_us * 1000;
  if (::sched_setattr(0, &attributes, 0) == 0) return {};
  std::string why = std::string("SCHED_DEADLINE refused (") + std::strerror(errno) + "): ";
  if (errno == EBUSY) return why + "the CPU's bandwidth is used up; ask for less runtime";
  if (errno == EINVAL) return why + "runtime <= deadline <= period must hold";
  return why + "grant CAP_SYS_NICE, and omit --cpu (its threads must be allowed on every CPU of their set)";
}

}  // namespace

std::string become_real_time(const RealTimeOptions& options) {
  if (options.cpu)
    if (std::string refused = stay_on(*options.cpu); !refused.empty()) return refused;
  if (options.policy == "deadline") return take_deadline(options);
  return options.policy == "fifo" ? target::take_policy(SCHED_FIFO, options.priority)
                                  : target::take_policy(SCHED_OTHER, 0);
}

ReadBack read_back() {
  const int policy = ::sched_getscheduler(0);
  const char* name = policy == SCHED_FIFO       ? "fifo"
                     : policy == SCHED_DEADLINE ? "deadline"
                     : policy == SCHED_RR       ? "rr"
                     : policy == SCHED_OTHER    ? "other"
                                                : "unknown";
  return {name, target::priority_read_back()};
}

cpu_set_t allowed_cpus() {
  cpu_set_t set;
  CPU_ZERO(&set);
  ::sched_getaffinity(0, sizeof(set), &set);
  return set;
}

bool share_a_cpu(const cpu_set_t& first, const cpu_set_t& second) {
  cpu_set_t together;
  CPU_OR(&together, &first, &second);
  return CPU_COUNT(&together) == 1;
}

ThreadFaults thread_faults() {
  rusage usage{};
  ::getrusage(RUSAGE_THREAD, &usage);
  return {usage.ru_minflt, usage.ru_majflt};
}

std::uint64_t peak_memory_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    std::uint64_t kib = 0;
    if (word == "VmHWM:" && status >> kib) return kib;
  }
  return 0;
}

}  // namespace loopgate::inspection
