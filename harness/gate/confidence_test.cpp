#include "gate/confidence.h"

#include <gtest/gtest.h>

#include <cmath>

#include "stats/resolution.h"

namespace loopgate::confidence_test {
namespace {

// P(X <= k) for X binomial(n, p), by its definition.
double naive_cdf(std::uint64_t k, std::uint64_t n, double p) {
  double sum = 0;
  for (std::uint64_t i = 0; i <= k; ++i) {
    const auto a = static_cast<double>(i);
    const auto b = static_cast<double>(n - i);
    sum += std::exp(std::lgamma(a + b + 1) - std::lgamma(a + 1) - std::lgamma(b + 1) + a * std::log(p) +
                    b * std::log1p(-p));
  }
  return sum;
}

// Published two-sided 95 % intervals, which are two one-sided bounds of 97.5 % (Clopper & Pearson's chart;
// the tables of Documenta Geigy).
TEST(ShareBounds, MatchPublishedTables) {
  EXPECT_NEAR(share_lower_bound(5, 10, 0.975), 0.1871, 5e-5);
  EXPECT_NEAR(share_upper_bound(5, 10, 0.975), 0.8129, 5e-5);
  EXPECT_NEAR(share_lower_bound(1, 10, 0.975), 0.0025, 5e-5);
  EXPECT_NEAR(share_upper_bound(1, 10, 0.975), 0.4450, 5e-5);
  EXPECT_NEAR(share_lower_bound(10, 100, 0.975), 0.0490, 5e-5);
  EXPECT_NEAR(share_upper_bound(10, 100, 0.975), 0.1762, 5e-5);
  EXPECT_NEAR(share_upper_bound(0, 10, 0.975), 0.3085, 5e-5);
}

TEST(ShareBounds, FollowTheRuleOfThree) {
  for (const std::uint64_t n : {100U, 1'000U, 10'000U, 1'000'000U}) {
    const double upper = share_upper_bound(0, n, 0.95);
    EXPECT_NEAR(upper, 1 - std::pow(0.05, 1.0 / static_cast<double>(n)), 1e-12);
    EXPECT_NEAR(upper * static_cast<double>(n), 3.0, 0.05);
  }
}

TEST(ShareBounds, EndAtNoneAndAll) {
  EXPECT_EQ(share_lower_bound(0, 10, 0.95), 0.0);
  EXPECT_EQ(share_upper_bound(10, 10, 0.95), 1.0);
  EXPECT_NEAR(share_lower_bound(10, 10, 0.95), std::pow(0.05, 0.1), 1e-12);
}

TEST(ShareBounds, HoldTheirDefinitionAndTheShareSeen) {
  for (const std::uint64_t n : {1U, 2U, 7U, 50U, 333U}) {
    for (std::uint64_t k = 0; k <= n; k += 1 + n / 9) {
      for (const double confidence : {0.6, 0.95, 0.999}) {
        const double seen = static_cast<double>(k) / static_cast<double>(n);
        const double upper = share_upper_bound(k, n, confidence);
        const double lower = share_lower_bound(k, n, confidence);
        ASSERT_LE(lower, seen);
        ASSERT_GE(upper, seen);
        if (k < n) {
          ASSERT_NEAR(naive_cdf(k, n, upper), 1 - confidence, 1e-9);
        }
        if (k > 0) {
          ASSERT_NEAR(1 - naive_cdf(k - 1, n, lower), 1 - confidence, 1e-9);
        }
      }
    }
  }
}

TEST(ShareBounds, TakeTenMillion) {
  EXPECT_NEAR(share_upper_bound(0, 10'000'000, 0.95), 2.9957e-7, 1e-11);
  EXPECT_NEAR(share_upper_bound(10'000, 10'000'000, 0.95), 0.001 + 1.645 * std::sqrt(0.001 / 1e7), 1e-6);
}

TEST(SamplesToResolve, MatchesHandComputedValues) {
  EXPECT_EQ(samples_to_resolve(0.5, 0.95), 5U);
  EXPECT_EQ(samples_to_resolve(0.1, 0.95), 29U);
  EXPECT_EQ(samples_to_resolve(0.01, 0.95), 299U);
  EXPECT_EQ(samples_to_resolve(0.001, 0.95), 2'995U);
  EXPECT_EQ(samples_to_resolve(0.0001, 0.95), 29'956U);
}

// The bound itself agrees: with one stimulus less it can't pass.
TEST(SamplesToResolve, IsTheLeastThatPasses) {
  for (const double share : {0.01, 0.001, 0.0001}) {
    const std::uint64_t n = samples_to_resolve(share, 0.95);
    EXPECT_LE(share_upper_bound(0, n, 0.95), share);
    EXPECT_GT(share_upper_bound(0, n - 1, 0.95), share);
  }
}

TEST(SamplesToDecide, IsWhatResolvesWhenNoneExceeded) {
  EXPECT_EQ(samples_to_decide(0, 100, 0.001, 0.95), 2'995U);
  EXPECT_EQ(samples_to_decide(0, 5'000, 0.001, 0.95), 5'000U);
}

TEST(SamplesToDecide, DecidesForEitherSide) {
  const auto to_pass = samples_to_decide(8, 1'000, 0.01, 0.95);
  ASSERT_TRUE(to_pass);
  EXPECT_GT(*to_pass, 1'000U);
  EXPECT_LE(share_upper_bound(static_cast<std::uint64_t>(std::ceil(0.008 * static_cast<double>(*to_pass))),
                              *to_pass, 0.95),
            0.01);
  const auto to_fail = samples_to_decide(12, 1'000, 0.01, 0.95);
  ASSERT_TRUE(to_fail);
  EXPECT_GT(share_lower_bound(static_cast<std::uint64_t>(std::floor(0.012 * static_cast<double>(*to_fail))),
                              *to_fail, 0.95),
            0.01);
}

TEST(SamplesToDecide, SaysThatNothingDecidesTheVeryShare) {
  EXPECT_FALSE(samples_to_decide(10, 1'000, 0.01, 0.95));
}

}  // namespace
}  // namespace loopgate::confidence_test
