// The arithmetic of TensorFlow Lite's quantised reference kernels, which is gemmlowp's: numbers of 32 bits,
// rounded to the nearest, ties away from zero, at every step.
#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace loopgate::inspection {

constexpr std::int32_t saturated(std::int64_t value) {
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(value, std::numeric_limits<std::int32_t>::min(),
                                                            std::numeric_limits<std::int32_t>::max()));
}

// The upper half of 2 * a * b.
constexpr std::int32_t doubled_high_product(std::int32_t a, std::int32_t b) {
  const std::int64_t product = std::int64_t{a} * b;
  const std::int64_t nudge = product >= 0 ? std::int64_t{1} << 30 : 1 - (std::int64_t{1} << 30);
  return saturated((product + nudge) / (std::int64_t{1} << 31));
}

// x / 2^exponent, for exponents from 0 to 31.
constexpr std::int32_t divided_by_power(std::int32_t x, int exponent) {
  const std::int64_t mask = (std::int64_t{1} << exponent) - 1;
  const std::int64_t threshold = (mask >> 1) + (x < 0 ? 1 : 0);
  return (x >> std::min(exponent, 31)) + ((x & mask) > threshold ? 1 : 0);
}

constexpr std::int32_t multiplied_by_power(std::int32_t x, int exponent) {
  return saturated(std::int64_t{x} << exponent);
}

// A factor above 0, as value / 2^31 * 2^shift with a value of 31 bits.
struct Multiplier {
  std::int32_t value = 0;
  int shift = 0;

  static Multiplier of(double factor) {
    Multiplier multiplier;
    auto value = static_cast<std::int64_t>(std::round(std::frexp(factor, &multiplier.shift) * 0x1p31));
    if (value == std::int64_t{1} << 31) {
      value /= 2;
      ++multiplier.shift;
    }
    if (multiplier.shift < -31) return {};
    multiplier.shift = std::min(multiplier.shift, 30);
    multiplier.value = static_cast<std::int32_t>(value);
    return multiplier;
  }

  // The factor divided by a number of values.
  Multiplier over(std::int64_t count) const {
    const int bits =
        std::min({static_cast<int>(std::bit_width(static_cast<std::uint64_t>(count))) - 1, 32, 31 + shift});
    return {static_cast<std::int32_t>((std::int64_t{value} << bits) / count), shift - bits};
  }

  constexpr std::int32_t operator()(std::int32_t x) const {
    return divided_by_power(doubled_high_product(multiplied_by_power(x, std::max(shift, 0)), value),
                            std::max(-shift, 0));
  }
};

}  // namespace loopgate::inspection
