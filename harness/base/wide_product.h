// The product of two numbers of 64 bits, which has 128.
#pragma once

#include <cstdint>

namespace loopgate {

// From four products of halves, where the machine has none of 128 bits.
constexpr std::uint64_t high_half_by_parts(std::uint64_t a, std::uint64_t b) {
  constexpr std::uint64_t low = 0xffff'ffff;
  const std::uint64_t low_low = (a & low) * (b & low);
  const std::uint64_t low_high = (a & low) * (b >> 32U);
  const std::uint64_t high_low = (a >> 32U) * (b & low);
  const std::uint64_t middle = (low_low >> 32U) + (low_high & low) + high_low;
  return (a >> 32U) * (b >> 32U) + (low_high >> 32U) + (middle >> 32U);
}

// The upper 64 bits.
constexpr std::uint64_t high_half(std::uint64_t a, std::uint64_t b) {
#if defined(__SIZEOF_INT128__)
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::uint64_t>((Wide{a} * Wide{b}) >> 64U);
#else
  return high_half_by_parts(a, b);
#endif
}

}  // namespace loopgate
