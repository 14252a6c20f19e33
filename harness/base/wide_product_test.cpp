#include "base/wide_product.h"

#include <gtest/gtest.h>

#include <array>
#include <limits>

namespace loopgate::wide_product_test {
namespace {

constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();

TEST(WideProduct, KnownProducts) {
  EXPECT_EQ(high_half(most, most), most - 1);
  EXPECT_EQ(high_half(most, 1), 0U);
  EXPECT_EQ(high_half(std::uint64_t{1} << 63U, 2), 1U);
  EXPECT_EQ(high_half(0, most), 0U);
}

TEST(WideProduct, ByPartsIsThatOfTheMachine) {
  constexpr std::array<std::uint64_t, 10> numbers = {
      0,        1,   0xffff'ffff, 0x1'0000'0000, 0x1'0000'0001, 0x0123'4567'89ab'cdef, most / 3, most / 2 + 1,
      most - 1, most};
  for (const std::uint64_t a : numbers)
    for (const std::uint64_t b : numbers)
      EXPECT_EQ(high_half_by_parts(a, b), high_half(a, b)) << a << " * " << b;
}

}  // namespace
}  // namespace loopgate::wide_product_test
