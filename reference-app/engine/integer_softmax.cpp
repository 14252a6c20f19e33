// A number "of n bits" has n bits before its binary point, a sign, and the rest behind it.
#include "engine/integer_softmax.h"

#include <array>
#include <bit>

namespace loopgate::inspection {

namespace {

constexpr int difference_bits = 5;
constexpr int sum_bits = 12;
constexpr std::int32_t whole = std::numeric_limits<std::int32_t>::max();  // of 0 bits

// e^x for x from -1/4 to 0, both of 0 bits: the series around -1/8.
constexpr std::int32_t exponential_near_zero(std::int32_t a) {
  constexpr std::int32_t exponential_of_eighth = 1895147668, third = 715827883;
  const std::int32_t x = a + (1 << 28);
  const std::int32_t square = doubled_high_product(x, x);
  const std::int32_t cube = doubled_high_product(square, x);
  const std::int32_t fourth = divided_by_power(doubled_high_product(square, square), 2);
  const std::int32_t rest = divided_by_power(doubled_high_product(fourth + cube, third) + square, 1);
  return exponential_of_eighth + doubled_high_product(exponential_of_eighth, x + rest);
}

// e^x for x of 5 bits, 0 or below; of 0 bits.
constexpr std::int32_t exponential(std::int32_t x) {
  if (x == 0) return whole;
  constexpr int fraction = 31 - difference_bits;
  constexpr std::int32_t quarter = 1 << (fraction - 2);
  const std::int32_t near_zero = (x & (quarter - 1)) - quarter;
  std::int32_t result = exponential_near_zero(multiplied_by_power(near_zero, difference_bits));
  const std::int32_t left = near_zero - x;
  // e^-1/4, e^-1/2, e^-1 and so on to e^-16.
  constexpr std::array<std::int32_t, 7> powers = {1672461947, 1302514674, 790015084, 290630308,
                                                  39332535,   720401,     242};
  for (std::size_t i = 0; i < powers.size(); ++i)
    if ((left & (quarter << i)) != 0) result = doubled_high_product(result, powers[i]);
  return result;
}

// 1 / (1 + x) for x from 0 to 1, both of 0 bits: three steps of Newton's.
constexpr std::int32_t reciprocal_of_one_plus(std::int32_t x) {
  constexpr std::int32_t first = 1515870810, second = -1010580540;  // 48/17 and -32/17, of 2 bits
  const auto half = static_cast<std::int32_t>((std::int64_t{x} + whole + 1) / 2);
  std::int32_t y = first + doubled_high_product(half, second);
  for (int i = 0; i < 3; ++i) {
    const std::int32_t error = (1 << 29) - doubled_high_product(half, y);
    y += multiplied_by_power(doubled_high_product(y, error), 2);
  }
  return multiplied_by_power(y, 1);
}

}  // namespace

IntegerSoftmax::IntegerSoftmax(float input_scale)
    : multiplier_(Multiplier::of(std::min(double{input_scale} * (1 << (31 - difference_bits)), 0x1p31 - 1))),
      least_difference_(-static_cast<int>(std::floor(((1 << difference_bits) - 1) * 0x1p26 /
                                                     std::pow(2.0, std::max(multiplier_.shift, 0))))) {}

void IntegerSoftmax::run(std::span<const std::int8_t> row, std::int8_t* out) const {
  const int most = *std::ranges::max_element(row);
  std::int32_t sum = 0;
  for (const std::int8_t value : row)
    if (value - most >= least_difference_)
      sum = saturated(std::int64_t{sum} + divided_by_power(exponential(multiplier_(value - most)), sum_bits));
  const int zeros = std::countl_zero(static_cast<std::uint32_t>(sum));
  const auto above_one =
      static_cast<std::int32_t>((static_cast<std::uint32_t>(sum) << zeros) - (std::uint32_t{1} << 31));
  const std::int32_t share = reciprocal_of_one_plus(above_one);
  for (const std::int8_t value : row) {
    std::int32_t result = 0;
    if (value - most >= least_difference_)
      result = divided_by_power(doubled_high_product(share, exponential(multiplier_(value - most))),
                                std::min(sum_bits - zeros + 31 - 8, 31));
    *out++ = static_cast<std::int8_t>(std::clamp(result - 128, -128, 127));
  }
}

}  // namespace loopgate::inspection
