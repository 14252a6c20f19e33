// The two clocks of a record: CLOCK_MONOTONIC, which the vDSO reads without a system call, and the counter
// behind it, which somebody outside of the system can read too.
#pragma once

#include <time.h>

#include <cstdint>
#include <limits>

#if defined(__x86_64__)
#include "protocol/told_counter.h"
#elif defined(__arm__)
#include <sys/auxv.h>
#endif

namespace loopgate {

inline std::int64_t now_ns() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
}

#if defined(__aarch64__)
// The barrier keeps the processor from reading the counter before what stands before it.
inline std::uint64_t counter() {
  std::uint64_t value = 0;
  asm volatile("isb\n mrs %0, cntvct_el0" : "=r"(value) : : "memory");
  return value;
}
inline std::uint64_t counter_hz() {
  std::uint64_t value = 0;
  asm volatile("mrs %0, cntfrq_el0" : "=r"(value));
  return value;
}
#elif defined(__arm__)
// The same counter and barrier, by the names that 32 bits have for them; 0 where the kernel does not tell of
// Arm's generic timer, which a Cortex-A8 or A9 has not: the instruction would end the program.
inline bool has_counter() {
  constexpr unsigned long event_stream = 1UL << 21U;  // HWCAP_EVTSTRM, which is of that timer
  static const bool told = (::getauxval(AT_HWCAP) & event_stream) != 0;
  return told;
}
inline std::uint64_t counter() {
  if (!has_counter()) return 0;
  std::uint64_t value = 0;
  asm volatile("isb\n mrrc p15, 1, %Q0, %R0, c14" : "=r"(value) : : "memory");
  return value;
}
inline std::uint64_t counter_hz() {
  if (!has_counter()) return 0;
  std::uint32_t value = 0;
  asm volatile("mrc p15, 0, %0, c14, c0, 0" : "=r"(value));
  return value;
}
#elif defined(__x86_64__)
// The TSC, whose frequency no register tells: known where the kernel's command line says it, as the virtual
// bench does. Elsewhere both are 0.
inline std::uint64_t counter_hz() {
  static const std::uint64_t told = told_counter_hz();
  return told;
}
// The barrier, as above.
inline std::uint64_t counter() {
  if (counter_hz() == 0) return 0;
  std::uint32_t low = 0, high = 0;
  asm volatile("lfence\n rdtsc" : "=a"(low), "=d"(high) : : "memory");
  return std::uint64_t{high} << 32U | low;
}
#else
inline std::uint64_t counter() { return 0; }
inline std::uint64_t counter_hz() { return 0; }
#endif

struct ClockPair {
  std::int64_t monotonic_ns = 0;
  std::uint64_t counter = 0;
  std::uint64_t counter_hz = 0;
};

// The clock between two readings of the counter, the closest of several: an interrupt in between would shift
// the one against the other.
inline ClockPair read_clock_pair() {
  constexpr int tries = 32;
  ClockPair best{0, 0, counter_hz()};
  std::uint64_t narrowest = std::numeric_limits<std::uint64_t>::max();
  for (int i = 0; i < tries; ++i) {
    const std::uint64_t before = counter();
    const std::int64_t monotonic = now_ns();
    const std::uint64_t width = counter() - before;
    if (width >= narrowest) continue;
    narrowest = width;
    best.monotonic_ns = monotonic;
    best.counter = before + width / 2;
  }
  return best;
}

}  // namespace loopgate
