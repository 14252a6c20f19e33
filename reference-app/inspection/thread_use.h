// What a thread takes of the machine while it works.
#pragma once

#include <cstdint>
#include <optional>

#include "inspection/real_time.h"

namespace loopgate::inspection {

struct ThreadUse {
  std::optional<std::uint64_t> allocations;  // empty when this build does not count them
  ThreadFaults faults;
  std::int64_t cpu_ns = 0;  // as the kernel counts it
};

// Of the thread that calls it, from here on.
class UseMeter {
 public:
  UseMeter();
  ThreadUse used() const;

 private:
  ThreadUse begin_;
};

}  // namespace loopgate::inspection
