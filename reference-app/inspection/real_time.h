// The loop's place in the scheduler, and what it used while it ran.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace loopgate::inspection {

struct RealTimeOptions {
  std::string policy = "fifo";  // or deadline, other
  int priority = 80;            // of fifo
  // Of deadline: so much work, so long after the wake-up at most, so often.
  std::uint64_t runtime_us = 20'000;
  std::uint64_t deadline_us = 30'000;
  std::uint64_t period_us = 50'000;
  std::optional<unsigned> cpu = {};  // where the loop stays
};

// For the calling thread alone. Empty, or one sentence: what was refused, and what to grant.
std::string become_real_time(const RealTimeOptions& options);

struct ReadBack {
  std::string policy;
  int priority = 0;
};

// What the kernel says of the calling thread.
ReadBack read_back();

// The calling thread's page faults so far.
struct ThreadFaults {
  long minor = 0;
  long major = 0;
};

ThreadFaults thread_faults();

// The most memory that the program ever had resident; 0 if the kernel does not say.
std::uint64_t peak_memory_kib();

}  // namespace loopgate::inspection
