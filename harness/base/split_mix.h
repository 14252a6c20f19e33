// SplitMix64's step and finaliser (Steele, Lea and Flood, OOPSLA 2014): neighbouring numbers become unrelated
// ones.
#pragma once

#include <cstdint>

namespace loopgate {

constexpr std::uint64_t split_mix(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15ULL;
  value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27U)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31U);
}

}  // namespace loopgate
