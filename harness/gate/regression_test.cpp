// Does the gate see what it is for, and nothing else? A/A: equal distributions must not FAIL. Planted: a
// shift must.
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <random>

#include "gate/confidence.h"
#include "gate/evaluate.h"
#include "gate/testing/made_up_run.h"

namespace loopgate::regression_test {
namespace {

using testing::make_policy;
using testing::make_statistics;
using testing::make_virtual_statistics;

// About what PREEMPT_RT gave: a median of 20 us and a short tail.
std::vector<std::int64_t> draw(std::uint64_t seed, double scale, std::size_t count = 10'000) {
  std::mt19937_64 random(seed);
  std::lognormal_distribution<double> latency(std::log(20'000.0), 0.08);
  std::vector<std::int64_t> values(count);
  for (std::int64_t& value : values) value = static_cast<std::int64_t>(scale * latency(random));
  return values;
}

constexpr std::uint64_t replicates = 8;

// So many of 1,250 latencies each.
std::vector<std::vector<std::int64_t>> draw_replicates(std::uint64_t seed, double scale) {
  std::vector<std::vector<std::int64_t>> drawn;
  for (std::uint64_t i = 0; i < replicates; ++i) drawn.push_back(draw(seed * replicates + i, scale, 1'250));
  return drawn;
}

VerdictKind against_baseline(std::uint64_t seed, double scale, const std::string& quantity) {
  const Policy policy = make_policy("[[baseline]]\nkernel = \"*\"\nload = \"*\"\nquantity = \"" + quantity +
                                    "\"\nmax_ratio = 1.05\n");
  const auto verdict =
      evaluate(make_virtual_statistics({{"rt", "mixed", draw_replicates(seed, scale)}}), policy,
               Baseline{"b", make_virtual_statistics({{"rt", "mixed", draw_replicates(seed + 100, 1)}})});
  return verdict ? verdict->verdict : VerdictKind::invalid;
}

constexpr std::array<const char*, 5> compared = {"p50", "p90", "p99", "mean", "mean_above_p99_5"};

TEST(Regression, EqualDistributionsPass) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    for (const char* quantity : compared)
      ASSERT_EQ(against_baseline(seed, 1, quantity), VerdictKind::pass) << seed << quantity;
  }
}

TEST(Regression, AShiftOfTenPercentFails) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    for (const char* quantity : compared)
      ASSERT_EQ(against_baseline(seed, 1.1, quantity), VerdictKind::fail) << seed << quantity;
  }
}

VerdictKind against_budget(const std::vector<std::int64_t>& latencies, const std::string& limit) {
  const Policy policy = make_policy("[[budget]]\nkernel = \"*\"\nload = \"*\"\n" + limit + "\n");
  const auto verdict = evaluate(make_statistics({{"rt", "mixed", latencies}}), policy, {});
  return verdict ? verdict->verdict : VerdictKind::invalid;
}

// p99 of the distribution is 20 us * exp(2.326 * 0.08) = 24.09 us; shifted 26.5 us.
TEST(Regression, ABudgetTellsTheShiftedFromTheSound) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    ASSERT_EQ(against_budget(draw(seed, 1), "p99_us = 25"), VerdictKind::pass) << seed;
    ASSERT_EQ(against_budget(draw(seed, 1.1), "p99_us = 25"), VerdictKind::fail) << seed;
  }
}

// Where exactly the allowed share exceeds, each of the two wrong verdicts may come up in 5 % of the runs, and
// no more.
TEST(Regression, WrongVerdictsAreAsRareAsTheConfidenceSays) {
  std::mt19937_64 random(5);
  std::binomial_distribution<int> exceeding(2'000, 0.01);
  constexpr int rounds = 20'000;
  int passed = 0;
  int failed = 0;
  for (int round = 0; round < rounds; ++round) {
    const auto above = static_cast<std::uint64_t>(exceeding(random));
    passed += share_upper_bound(above, 2'000, 0.95) <= 0.01 ? 1 : 0;
    failed += share_lower_bound(above, 2'000, 0.95) > 0.01 ? 1 : 0;
  }
  const double noise = 4 * std::sqrt(0.05 * 0.95 / rounds);
  EXPECT_LE(passed / static_cast<double>(rounds), 0.05 + noise);
  EXPECT_LE(failed / static_cast<double>(rounds), 0.05 + noise);
  EXPECT_GT(passed, 0);
  EXPECT_GT(failed, 0);
}

}  // namespace
}  // namespace loopgate::regression_test
