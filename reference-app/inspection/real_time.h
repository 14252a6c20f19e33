// The loop's scheduling policy, and the resources that it used.
#pragma once

#include <sched.h>

#include <cstdint>
#include <optional>
#include <string>

namespace loopgate::inspection {

struct RealTimeOptions {
  std::string policy = "fifo";  // or deadline, other
  int priority = 80;            // of fifo
  // Of deadline: the work per period, the time limit after the wakeup, and the period.
  std::uint64_t runtime_us = 20'000;
  std::uint64_t deadline_us = 30'000;
  std::uint64_t period_us = 50'000;
  std::optional<unsigned> cpu = {};  // the loop is pinned to it
};

// For the calling thread only. Empty, or one sentence: what was refused, and what to grant.
std::string become_real_time(const RealTimeOptions& options);

struct ReadBack {
  std::string policy;
  int priority = 0;
};

// The calling thread's policy, as the kernel reports it.
ReadBack read_back();

// The CPUs that the calling thread may run on.
cpu_set_t allowed_cpus();

// Whether threads with these cannot but share one.
bool share_a_cpu(const cpu_set_t& first, const cpu_set_t& second);

// The calling thread's page faults so far.
struct ThreadFaults {
  long minor = 0;
  long major = 0;
};

ThreadFaults thread_faults();

// The program's peak resident memory; 0 if the kernel does not report it.
std::uint64_t peak_memory_kib();

}  // namespace loopgate::inspection
