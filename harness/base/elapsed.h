// How long something took, on the host's monotonic clock.
#pragma once

#include <chrono>

namespace loopgate {

inline double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace loopgate
