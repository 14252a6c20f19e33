// How the CPUs of a virtual board with several take turns.
#pragma once

#include <cstdint>

namespace loopgate {

// QEMU runs all CPUs in one thread of the host, one after the other: the clock counts the instructions of
// all.
struct TurnSettings {
  std::int64_t cpus = 1;
  std::int64_t slice_ns = 0;  // virtual: how long one CPU runs before the next one does; 0: there is one CPU

  bool operator==(const TurnSettings&) const = default;
};

}  // namespace loopgate
