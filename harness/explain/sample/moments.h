// When a sample went from one phase to the next: what its parts are measured by.
#pragma once

#include <cstdint>
#include <string>

#include "explain/sample/explained_sample.h"

namespace loopgate {

// In virtual ns from the stimulus, none before the one above it. Without an irq thread its moments are that
// of the payload's wake-up.
struct SampleMoments {
  std::uint32_t sample = 0;      // its index in the schedule
  std::int64_t stimulus_ns = 0;  // on the virtual clock
  std::int64_t taken_ns = 0;     // the interrupt's exception vector
  std::int64_t woken_ns = 0;     // the irq thread is runnable
  std::int64_t thread_ns = 0;    // it has the CPU
  std::int64_t payload_woken_ns = 0;
  std::int64_t payload_ns = 0;  // it has the CPU
  std::int64_t latency_ns = 0;
  std::int32_t thread_pid = 0;  // 0: there is none
  std::int32_t payload_pid = 0;
};

SampleMoments moments_of(const ExplainedSample& sample);

}  // namespace loopgate
