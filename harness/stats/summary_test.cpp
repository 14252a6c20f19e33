#include "stats/summary.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <random>

#include "record/testing/recorded_run.h"
#include "stats/exact_tail.h"
#include "stats/resolution.h"

namespace loopgate::summary_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::make_samples;
using testing::never_answered;
using testing::not_sent;

constexpr std::nullopt_t none = std::nullopt;

// By hand: the rank of p in n samples is ceil(p n), and exactly p n where that is whole.
TEST(NearestRank, MatchesHandComputedRanks) {
  EXPECT_EQ(nearest_rank(1, 500'000), 1U);
  EXPECT_EQ(nearest_rank(2, 500'000), 1U);
  EXPECT_EQ(nearest_rank(3, 500'000), 2U);
  EXPECT_EQ(nearest_rank(10, 900'000), 9U);
  EXPECT_EQ(nearest_rank(11, 900'000), 10U);
  EXPECT_EQ(nearest_rank(100, 990'000), 99U);
  EXPECT_EQ(nearest_rank(1'000, 999'000), 999U);
  EXPECT_EQ(nearest_rank(1'001, 999'000), 1'000U);
  EXPECT_EQ(nearest_rank(10'000, 999'900), 9'999U);
  EXPECT_EQ(nearest_rank(10'000'000, 999'900), 9'999'000U);
  EXPECT_EQ(nearest_rank(3, 0), 1U);
}

TEST(FiguresOf, MatchesHandComputedValues) {
  const auto figures = figures_of({1, 2, 3, 4, 10});
  ASSERT_TRUE(figures);
  EXPECT_EQ(figures->min, 1);
  EXPECT_EQ(figures->max, 10);
  EXPECT_EQ(figures->jitter, 9);
  EXPECT_THAT(figures->quantile, ElementsAre(3, none, none, none, none)) << "5 resolve p50 alone";
  EXPECT_DOUBLE_EQ(figures->mean, 4.0);
  EXPECT_DOUBLE_EQ(figures->stddev, std::sqrt(12.5));  // (9 + 4 + 1 + 0 + 36) / 4
}

// One latency more or fewer than the rule asks for.
TEST(FiguresOf, HasAQuantileFromWhereTheCountResolvesIt) {
  const std::array<std::size_t, quantiles.size()> needed = {5, 29, 299, 2'995, 29'956};
  for (std::size_t i = 0; i < quantiles.size(); ++i) {
    EXPECT_EQ(samples_to_resolve(quantiles[i].share_above(), shown_confidence), needed[i]);
    EXPECT_FALSE(figures_of(std::vector<std::int64_t>(needed[i] - 1, 7))->quantile[i]) << quantiles[i].key;
    EXPECT_EQ(figures_of(std::vector<std::int64_t>(needed[i], 7))->quantile[i], 7) << quantiles[i].key;
  }
}

TEST(FiguresOf, HandlesNoneAndOne) {
  EXPECT_FALSE(figures_of({}));
  const auto one = figures_of({0});
  EXPECT_EQ(one->max, 0);
  EXPECT_EQ(one->stddev, 0.0);
}

// A one-pass sum of squares in double gives 0 or garbage here.
TEST(FiguresOf, KeepsASmallSpreadOfLargeLatencies) {
  const std::int64_t large = 1'000'000'000'000'000;
  const auto figures = figures_of({large, large + 1, large + 2});
  EXPECT_DOUBLE_EQ(figures->stddev, 1.0);
  EXPECT_DOUBLE_EQ(figures->mean, static_cast<double>(large + 1));
}

TEST(Figure, KnowsEveryKeyOfTheFile) {
  const auto figures = figures_of({1, 2, 3, 4, 10});
  EXPECT_EQ(figure(*figures, "p50"), 3.0);
  EXPECT_FALSE(figure(*figures, "p99_99")) << "5 latencies do not resolve it";
  EXPECT_EQ(figure(*figures, "jitter"), 9.0);
  EXPECT_EQ(figure(*figures, "min"), 1.0);
  EXPECT_FALSE(figure(*figures, "p99.9"));
}

// The definition itself: the smallest measured latency that at least the share q does not exceed.
std::int64_t naive_quantile(const std::vector<std::int64_t>& values, std::uint64_t per_million) {
  std::int64_t best = *std::max_element(values.begin(), values.end());
  for (const std::int64_t candidate : values) {
    const auto within = static_cast<std::uint64_t>(
        std::count_if(values.begin(), values.end(), [&](std::int64_t value) { return value <= candidate; }));
    if (within * 1'000'000 >= per_million * values.size()) best = std::min(best, candidate);
  }
  return best;
}

TEST(FiguresOf, EqualsTheNaiveDefinition) {
  std::mt19937_64 random(1);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::int64_t> values(1 + random() % 600);
    const std::uint64_t width = 1 + random() % 1'000;  // narrow widths give many ties
    for (std::int64_t& value : values) value = static_cast<std::int64_t>(random() % width);
    std::vector<std::int64_t> sorted = values;
    std::sort(sorted.begin(), sorted.end());
    const auto figures = figures_of(sorted);
    for (std::size_t i = 0; i < quantiles.size(); ++i)
      if (is_resolved(quantiles[i].per_million, values.size()))
        ASSERT_EQ(figures->quantile[i], naive_quantile(values, quantiles[i].per_million)) << quantiles[i].key;
    double mean = 0;
    for (const std::int64_t value : values) mean += static_cast<double>(value);
    ASSERT_NEAR(figures->mean, mean / static_cast<double>(values.size()), 1e-9);
  }
}

TEST(Measure, CountsEachStimulusOnce) {
  const CellStatistics measured =
      collect_statistics(make_samples({20'000, 2'500'000, not_sent, not_sent, 30'000, never_answered}), "c");
  EXPECT_EQ(measured.counts.scheduled, 6U);
  EXPECT_EQ(measured.counts.count, 3U);
  EXPECT_EQ(measured.counts.late, 1U);
  EXPECT_EQ(measured.counts.unanswered, 1U);
  EXPECT_EQ(measured.counts.not_sent, 2U);
  EXPECT_EQ(measured.counts.warm_up, 1U);
  EXPECT_EQ(measured.counts.self_checks, 2U);
  EXPECT_THAT(measured.latencies.answered_ns, ElementsAre(20'000, 30'000, 2'500'000));
}

// The blocking one was sent at 5 ms and answered at 7.5 ms; the two that were not sent fell due at 6 and at 7
// ms.
TEST(Measure, AddsWhatTheNotSentWouldHaveSeen) {
  const CellStatistics measured =
      collect_statistics(make_samples({20'000, 2'500'000, not_sent, not_sent, 30'000, 25'000, 26'000}), "c");
  EXPECT_THAT(measured.latencies.not_sent_ns, ElementsAre(500'000, 1'500'000));
  const Summary summary = summarize(measured);
  EXPECT_EQ(summary.latency->quantile[0], 26'000);
  EXPECT_EQ(summary.latency_with_not_sent->quantile[0], 30'000);
  EXPECT_EQ(summary.latency_with_not_sent->max, 2'500'000);
}

TEST(Measure, CountsAWarmUpAsWhatACountedOneWaitsFor) {
  SampleFile file = make_samples({not_sent, 30'000});
  file.samples[2].response_ns = file.samples[2].stimulus_ns + 1'200'000;  // the warm-up, sent at 3 ms
  file.samples[2].flags |= sample_late;
  EXPECT_THAT(collect_statistics(file, "c").latencies.not_sent_ns, ElementsAre(200'000));
}

// What hostile use found: the one stimulus that was sent was a warm-up, and all others waited behind it.
TEST(Measure, CountsWhatWaitedForAWarmUpWithoutAnAnswer) {
  SampleFile file = make_samples({not_sent, not_sent});
  file.samples[2].flags = sample_warm_up | sample_sent | sample_unanswered;
  file.samples[2].response_ns = -1;
  const SampleCounts counts = collect_statistics(file, "c").counts;
  EXPECT_EQ(counts.unanswered, 2U);
  EXPECT_EQ(counts.unanswered_warm_up, 1U);
  EXPECT_EQ(counts.not_sent, 0U);
  EXPECT_EQ(nothing_to_judge(counts), "none of its 2 counted stimuli was answered");
}

TEST(NothingToJudge, IsToldByTheCounts) {
  SampleCounts counts;
  EXPECT_EQ(nothing_to_judge(counts), "none of its 0 counted stimuli was answered");
  counts.scheduled = counts.count = 1'000;
  counts.warm_up = 100;
  EXPECT_EQ(nothing_to_judge(counts), "");
  counts.unanswered_warm_up = 2;
  EXPECT_EQ(nothing_to_judge(counts), "2 of its 100 warm-up stimuli had no answer, and no rule counts those");
}

TEST(Measure, HasNoEndForWhatWaitedForNoAnswer) {
  const CellStatistics measured =
      collect_statistics(make_samples({20'000, never_answered, not_sent, 30'000}), "c");
  EXPECT_EQ(measured.latencies.censored, 2U);
  EXPECT_EQ(measured.counts.unanswered, 2U) << "the one that waited for it had no answer either";
  EXPECT_EQ(measured.counts.not_sent, 0U);
  const ExactTail tail(measured.latencies);
  EXPECT_EQ(tail.total(), 4U);
  EXPECT_EQ(tail.count_above(1'000'000'000'000), 2U);
  EXPECT_EQ(tail.count_above(20'000), 3U);
  EXPECT_EQ(tail.count_above(19'999), 4U);
}

TEST(Measure, KeepsTheTenWorst) {
  std::vector<std::int64_t> latencies;
  for (std::int64_t i = 0; i < 40; ++i) latencies.push_back(i % 20);
  const CellStatistics measured = collect_statistics(make_samples(latencies), "cell");
  ASSERT_EQ(measured.worst.size(), 10U);
  EXPECT_EQ(measured.worst[0].latency_ns, 19);
  EXPECT_EQ(measured.worst[0].index, 3U + 19U);  // equal ones in the order of their index
  EXPECT_EQ(measured.worst[1].index, 3U + 39U);
  EXPECT_EQ(measured.worst[9].latency_ns, 15);
  EXPECT_EQ(measured.worst[9].index, 3U + 35U);
  EXPECT_EQ(measured.worst[0].cell, "cell");
}

TEST(Pool, EqualsMeasuringAllTogether) {
  std::mt19937_64 random(2);
  CellStatistics pooled;
  std::vector<std::int64_t> all;
  for (int cell = 0; cell < 3; ++cell) {
    std::vector<std::int64_t> latencies(100);
    for (std::int64_t& latency : latencies) latency = static_cast<std::int64_t>(random() % 500'000);
    all.insert(all.end(), latencies.begin(), latencies.end());
    pool(collect_statistics(make_samples(latencies), std::to_string(cell)), &pooled);
  }
  const CellStatistics together = collect_statistics(make_samples(all), "all");
  EXPECT_EQ(pooled.latencies.answered_ns, together.latencies.answered_ns);
  EXPECT_EQ(pooled.counts.scheduled, 300U);
  ASSERT_EQ(pooled.worst.size(), 10U);
  for (std::size_t i = 0; i < 10; ++i) EXPECT_EQ(pooled.worst[i].latency_ns, together.worst[i].latency_ns);
}

void expect_same(const LatencyFigures& one, const LatencyFigures& other) {
  EXPECT_EQ(one.min, other.min);
  EXPECT_EQ(one.quantile, other.quantile);
  EXPECT_EQ(one.max, other.max);
  EXPECT_EQ(one.mean, other.mean);
  EXPECT_EQ(one.mean_above_p99_5, other.mean_above_p99_5);
  EXPECT_EQ(one.stddev, other.stddev) << "to the last bit";
  EXPECT_EQ(one.jitter, other.jitter);
}

// Read in their order from where each cell keeps its own, or merged into one list.
TEST(Summarize, ReadsPooledLatenciesInTheirOrder) {
  std::mt19937_64 random(3);
  for (const bool some_not_sent : {false, true}) {
    CellStatistics merged, counts;
    std::vector<std::shared_ptr<const ExactTail>> tails;
    for (int cell = 0; cell < 4; ++cell) {
      std::vector<std::int64_t> latencies(900);
      for (std::int64_t& latency : latencies) latency = static_cast<std::int64_t>(random() % 900'000);
      if (some_not_sent && cell > 0) {
        latencies[50] = 2'500'000;
        latencies[51] = latencies[52] = not_sent;
        latencies[70] = never_answered;
      }
      const CellStatistics one = collect_statistics(make_samples(latencies), std::to_string(cell));
      pool(one, &merged);
      pool_counts(one, &counts);
      tails.push_back(std::make_shared<ExactTail>(one.latencies));
    }
    const Summary wanted = summarize(merged);
    const Summary read = summarize(counts, tails);
    ASSERT_TRUE(read.latency && read.latency_with_not_sent);
    expect_same(*read.latency, *wanted.latency);
    expect_same(*read.latency_with_not_sent, *wanted.latency_with_not_sent);
    EXPECT_EQ(read.latency->max != read.latency_with_not_sent->max ||
                  read.latency->mean != read.latency_with_not_sent->mean,
              some_not_sent);
    EXPECT_EQ(read.counts.unanswered, wanted.counts.unanswered);
    EXPECT_EQ(counts.latencies.censored, merged.latencies.censored);
  }
  EXPECT_FALSE(summarize(CellStatistics(), {}).latency);
}

TEST(Summarize, HasNoFiguresOfNothing) {
  const Summary summary = summarize(collect_statistics(make_samples({never_answered}), "c"));
  EXPECT_FALSE(summary.latency);
  EXPECT_FALSE(summary.latency_with_not_sent);
  EXPECT_THAT(summary.worst, IsEmpty());
}

}  // namespace
}  // namespace loopgate::summary_test
