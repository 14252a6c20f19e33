#include "gate/rank_sum.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace loopgate::rank_sum_test {
namespace {

// P(U <= u) by trying every order of m and n replicates.
double naive_cdf(std::size_t m, std::size_t n, std::uint64_t u) {
  std::vector<int> order(m + n, 0);
  std::fill(order.begin() + static_cast<std::ptrdiff_t>(n), order.end(), 1);
  std::uint64_t all = 0, rare = 0;
  do {
    std::uint64_t below = 0, pairs = 0;
    for (const int of_first : order) {
      if (of_first == 1) {
        pairs += below;
      } else {
        ++below;
      }
    }
    ++all;
    rare += pairs <= u ? 1 : 0;
  } while (std::next_permutation(order.begin(), order.end()));
  return static_cast<double>(rare) / static_cast<double>(all);
}

TEST(RatiosOutside, IsTheLargestRareNumberOfAnEnumeration) {
  for (std::size_t m = 1; m <= 6; ++m) {
    for (std::size_t n = 1; n <= 6; ++n) {
      for (const double confidence : {0.8, 0.95, 0.99}) {
        const auto outside = ratios_outside(m, n, confidence);
        const double tail = (1 - confidence) / 2 + 1e-12;
        if (outside) {
          EXPECT_LE(naive_cdf(m, n, *outside), tail) << m << " " << n << " " << confidence;
          EXPECT_GT(naive_cdf(m, n, *outside + 1), tail) << m << " " << n << " " << confidence;
        } else {
          EXPECT_GT(naive_cdf(m, n, 0), tail) << m << " " << n << " " << confidence;
        }
      }
    }
  }
}

// Two-sided 5 % critical values of U (Mann & Whitney's tables, as in Siegel 1956, table K).
TEST(RatiosOutside, MatchesPublishedTables) {
  EXPECT_FALSE(ratios_outside(3, 3, 0.95));
  EXPECT_FALSE(ratios_outside(3, 4, 0.95));
  EXPECT_EQ(ratios_outside(3, 5, 0.95), 0U);
  EXPECT_EQ(ratios_outside(4, 4, 0.95), 0U);
  EXPECT_EQ(ratios_outside(5, 5, 0.95), 2U);
  EXPECT_EQ(ratios_outside(8, 8, 0.95), 13U);
  EXPECT_EQ(ratios_outside(10, 10, 0.95), 23U);
  EXPECT_EQ(ratios_outside(10, 20, 0.95), 55U);
  EXPECT_EQ(ratios_outside(20, 20, 0.95), 127U);
}

TEST(RatiosOutside, GoesOverIntoTheApproximation) {
  const auto exact = ratios_outside(50, 50, 0.95);
  const auto approximated = ratios_outside(51, 50, 0.95);
  ASSERT_TRUE(exact && approximated);
  EXPECT_NEAR(static_cast<double>(*approximated), static_cast<double>(*exact) * 51 / 50, 5);
  EXPECT_TRUE(ratios_outside(1'000, 2'000, 0.95));
  EXPECT_FALSE(ratios_outside(0, 4, 0.95));
}

TEST(RatioInterval, HoldsTheMedianOfTheRatios) {
  const auto interval = ratio_interval({20, 22, 24, 26}, {10, 10, 10, 10}, 0.95);
  ASSERT_TRUE(interval);
  EXPECT_DOUBLE_EQ(interval->ratio, 2.3);
  EXPECT_DOUBLE_EQ(interval->low, 2.0);
  EXPECT_DOUBLE_EQ(interval->high, 2.6);
}

TEST(RatioInterval, TurnsAroundWithTheKernels) {
  const std::vector<double> a = {10, 12, 15, 17, 30}, b = {7, 8, 9, 20, 21, 22};
  const auto there = ratio_interval(a, b, 0.95);
  const auto back = ratio_interval(b, a, 0.95);
  ASSERT_TRUE(there && back);
  EXPECT_DOUBLE_EQ(there->low, 1 / back->high);
  EXPECT_DOUBLE_EQ(there->high, 1 / back->low);
}

TEST(RatioInterval, OfTiesIsAPoint) {
  const auto interval = ratio_interval({5, 5, 5, 5}, {5, 5, 5, 5}, 0.95);
  ASSERT_TRUE(interval);
  EXPECT_EQ(interval->low, 1.0);
  EXPECT_EQ(interval->high, 1.0);
}

TEST(BootsToCompare, IsTheLeastOfEach) {
  EXPECT_EQ(replicates_to_compare(0.95), 4U);
  EXPECT_EQ(replicates_to_compare(0.99), 5U);
  for (const double confidence : {0.6, 0.9, 0.95, 0.99, 0.999}) {
    const std::uint64_t least = replicates_to_compare(confidence);
    EXPECT_TRUE(ratios_outside(least, least, confidence));
    EXPECT_FALSE(ratios_outside(least - 1, least - 1, confidence));
  }
}

TEST(BootsToDecideRatio, SaysHowManyOrThatNoneDoes) {
  EXPECT_EQ(replicates_to_decide_ratio({1, 1, 1}, {9, 9, 9}, 0.5, 0.95), 4U);
  EXPECT_EQ(replicates_to_decide_ratio({9, 9, 9}, {1, 1, 1}, 0.5, 0.95), 4U);
  const auto some = replicates_to_decide_ratio({10, 11, 12, 20}, {10, 18, 19, 21}, 1.0, 0.95);
  ASSERT_TRUE(some);
  EXPECT_GT(*some, 4U);
  EXPECT_FALSE(replicates_to_decide_ratio({10, 20}, {10.5, 19.5}, 1.0, 0.95));
}

}  // namespace
}  // namespace loopgate::rank_sum_test
