#include "gate/quantile_interval.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "gate/testing/made_up_run.h"

namespace loopgate::quantile_interval_test {
namespace {

using Random = std::mt19937_64;
using Latencies = std::vector<std::int64_t>;

constexpr std::uint32_t p50 = 500'000;
constexpr std::uint32_t p99 = 990'000;
constexpr std::uint32_t p99_9 = 999'000;

std::optional<LatencyRange> interval_of(std::vector<Latencies> replicates, std::uint32_t per_million,
                                        double confidence = 0.95) {
  const Comparison run = testing::make_wall_statistics({{"rt", "mixed", std::move(replicates)}});
  return quantile_interval(run.groups.front(), per_million, confidence);
}

// Each of 10,000 to 10,999 ns is as likely as any other.
Latencies drawn(std::size_t count, Random* random) {
  Latencies latencies;
  for (std::size_t i = 0; i < count; ++i)
    latencies.push_back(10'000 + static_cast<std::int64_t>((*random)() % 1'000));
  return latencies;
}

// By the order statistics of 1,000 independent latencies that differ: the k-th is above the median in the
// binomial's share of all draws (Conover 1999, Practical Nonparametric Statistics, 3.2).
TEST(QuantileInterval, IsThatOfTheOrderStatistics) {
  Latencies latencies;
  for (std::int64_t i = 0; i < 1'000; ++i) latencies.push_back(10'000 + i * 10);
  Random random(10);
  std::shuffle(latencies.begin(), latencies.end(), random);
  const auto median = interval_of({latencies}, p50);
  ASSERT_TRUE(median);
  // P(Binomial(1000, 1/2) <= 473) = 0.0468, and <= 474 is 0.0534: the 474th and the 527th from below.
  EXPECT_EQ(median->low_ns, 10'000 + 473 * 10);
  EXPECT_EQ(median->high_ns, 10'000 + 526 * 10);
  const auto surer = interval_of({latencies}, p50, 0.999);
  EXPECT_LT(surer->low_ns, median->low_ns);
  EXPECT_GT(*surer->high_ns, *median->high_ns);
}

TEST(QuantileInterval, HoldsAsOftenAsItSays) {
  Random random(11);
  int below = 0;
  int above = 0;
  constexpr int draws = 1'000;
  for (int draw = 0; draw < draws; ++draw) {
    const auto interval = interval_of({drawn(400, &random)}, p99);
    ASSERT_TRUE(interval);
    const std::int64_t truth = 10'000 + 989;
    if (truth < interval->low_ns) ++below;
    if (interval->high_ns && truth > *interval->high_ns) ++above;
  }
  EXPECT_LE(below, draws * 7 / 100);  // 5 % are meant, and three sigma are 2
  EXPECT_LE(above, draws * 7 / 100);
}

// One has half as many slow ones as another, which is no gathering: a few replicates say how much they differ
// by and large, and so the ends hold a little less often than they say.
TEST(QuantileInterval, IsWiderWhereReplicatesDiffer) {
  Random random(13);
  std::lognormal_distribution<double> rate_of(std::log(0.02), 0.35);
  int above = 0;
  int shown = 0;
  for (int draw = 0; draw < 400; ++draw) {
    std::vector<Latencies> replicates;
    for (int i = 0; i < 8; ++i) {
      Latencies latencies = drawn(1'000, &random);
      const double rate = rate_of(random);
      for (std::int64_t& each : latencies)
        if (static_cast<double>(random() % 1'000'000) < rate * 1e6)
          each = 50'000 + static_cast<std::int64_t>(random() % 50'000);
      replicates.push_back(std::move(latencies));
    }
    const auto interval = interval_of(std::move(replicates), p99);
    if (!interval || !interval->high_ns) continue;
    ++shown;
    // Of slow ones there is a mean share of 0.02 exp(0.35^2 / 2) = 0.02126.
    if (100'000 - 50'000 * 0.01 / 0.02126 > static_cast<double>(*interval->high_ns)) ++above;
  }
  EXPECT_GE(shown, 300);
  EXPECT_LE(above, shown * 12 / 100) << above << " of " << shown;  // 9.7 %, where 5 % are meant
}

TEST(QuantileInterval, HasNoUpperEndWhereAnswersAreMissing) {
  Latencies latencies(3'000, 20'000);
  EXPECT_EQ(interval_of({latencies}, p99_9), (LatencyRange{20'000, 20'000}));
  EXPECT_FALSE(interval_of({Latencies(298, 20'000)}, p99)) << "too few to resolve it";
  EXPECT_TRUE(interval_of({Latencies(299, 20'000)}, p99));
  for (std::size_t i = 100; i < 200; ++i) latencies[i * 11] = testing::never_answered;
  const auto interval = interval_of({latencies}, p99);
  ASSERT_TRUE(interval);
  EXPECT_EQ(interval->high_ns, std::nullopt) << "3 % have no answer";
}

TEST(QuantileInterval, IsWiderWhereSlowOnesComeTogether) {
  Random random(12);
  Latencies apart = drawn(20'000, &random);
  for (std::size_t i = 0; i < apart.size(); i += 50)
    apart[i] = 50'000 + static_cast<std::int64_t>(random() % 50'000);
  Latencies together = apart;
  std::size_t slow = 0;  // the same ones, ten in a row
  Latencies slow_ones;
  Latencies others;
  for (const std::int64_t each : apart) (each >= 50'000 ? slow_ones : others).push_back(each);
  together.clear();
  for (std::size_t i = 0; i < others.size(); ++i) {
    together.push_back(others[i]);
    if (i % 490 == 489)
      for (int k = 0; k < 10 && slow < slow_ones.size(); ++k) together.push_back(slow_ones[slow++]);
  }
  const auto narrow = interval_of({apart}, p99);
  const auto wide = interval_of({together}, p99);
  ASSERT_TRUE(narrow && wide && narrow->high_ns && wide->high_ns);
  EXPECT_GT(*wide->high_ns - wide->low_ns, 2 * (*narrow->high_ns - narrow->low_ns));
}

TEST(QuantileInterval, IsNoneOfReplicatesThatDiffer) {
  std::vector<Latencies> replicates(8, Latencies(1'000, 20'000));
  EXPECT_TRUE(interval_of(replicates, p99));
  for (std::size_t i = 0; i < 1'000; i += 5) replicates[3][i] = 90'000;
  EXPECT_FALSE(interval_of(replicates, p99)) << "one of 8 has all that is slow";
}

}  // namespace
}  // namespace loopgate::quantile_interval_test
