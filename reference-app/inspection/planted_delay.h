// A delay that a test of the bench plants and must find again.
#pragma once

#include <cstdint>

namespace loopgate::inspection {

// Exactly this many instructions, an even number.
inline void spend(std::uint64_t instructions) {
  std::uint64_t turns = instructions / 2;
  if (turns == 0) return;
#if defined(__aarch64__)
  asm volatile("1: subs %0, %0, #1\n b.ne 1b" : "+r"(turns) : : "cc");
#elif defined(__x86_64__)
  asm volatile("1: dec %0\n jnz 1b" : "+r"(turns) : : "cc");
#else
#error "spend() is not written for this machine"
#endif
}

}  // namespace loopgate::inspection
