// Of every kind of tail: the truth lies in each of its answers.
#include "stats/tail.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>

#include "stats/exact_tail.h"
#include "stats/histogram_tail.h"
#include "stats/quantities.h"

namespace loopgate::tail_test {
namespace {

using ::testing::HasSubstr;

// What was measured, of which a tail may know less.
struct Truth {
  std::vector<std::int64_t> sorted_ns;
  std::uint64_t censored = 0;

  std::uint64_t above(std::int64_t limit_ns) const {
    const auto first = std::upper_bound(sorted_ns.begin(), sorted_ns.end(), limit_ns);
    return censored + static_cast<std::uint64_t>(sorted_ns.end() - first);
  }
  std::optional<std::int64_t> quantile(std::uint32_t per_million) const {
    const std::uint64_t rank = nearest_rank(sorted_ns.size() + censored, per_million);
    if (rank > sorted_ns.size()) return std::nullopt;
    return sorted_ns[rank - 1];
  }
};

Truth draw(std::mt19937_64* random, std::size_t most, bool with_censored) {
  Truth truth;
  std::lognormal_distribution<double> latency(9 + static_cast<double>((*random)() % 4), 0.8);
  truth.sorted_ns.resize(1 + (*random)() % most);
  for (std::int64_t& each : truth.sorted_ns) each = static_cast<std::int64_t>(latency(*random));
  std::sort(truth.sorted_ns.begin(), truth.sorted_ns.end());
  if (with_censored) truth.censored = (*random)() % 4;
  return truth;
}

bool holds(const CountRange& range, std::uint64_t truth) {
  return range.least <= truth && truth <= range.most;
}

bool holds(const LatencyRange& range, std::int64_t truth) {
  return range.low_ns <= truth && (!range.high_ns || truth <= *range.high_ns);
}

void expect_truth_within(const Truth& truth, const Tail& tail, std::mt19937_64* random) {
  const std::vector<std::int64_t>& sorted = truth.sorted_ns;
  EXPECT_TRUE(holds(tail.censored(), truth.censored));
  EXPECT_TRUE(holds(tail.total(), sorted.size() + truth.censored));
  EXPECT_TRUE(holds(tail.min(), sorted.front()));
  EXPECT_TRUE(holds(tail.max(), sorted.back()));
  std::vector<std::int64_t> limits = {0, sorted.front() - 1, sorted.front(), sorted.back() - 1,
                                      sorted.back()};
  for (int i = 0; i < 20; ++i) limits.push_back(sorted[(*random)() % sorted.size()]);
  for (const std::int64_t limit : limits)
    EXPECT_TRUE(holds(tail.count_above(limit), truth.above(limit))) << "above " << limit;
  for (const Quantity& each : quantiles) {
    const LatencyRange range = tail.quantile(each.per_million);
    if (const auto value = truth.quantile(each.per_million)) {
      EXPECT_TRUE(holds(range, *value)) << each.key;
    } else {
      EXPECT_FALSE(range.high_ns) << each.key;
      EXPECT_LE(range.low_ns, sorted.back()) << each.key;
    }
  }
}

ExactTail exact_tail_of(const Truth& truth) {
  Latencies latencies;
  for (std::size_t i = 0; i < truth.sorted_ns.size(); ++i)
    (i % 7 == 3 ? latencies.not_sent_ns : latencies.answered_ns).push_back(truth.sorted_ns[i]);
  latencies.censored = truth.censored;
  return ExactTail(std::move(latencies));
}

LatencyHistogram binned(const Truth& truth, std::int64_t width_ns, std::size_t bins, bool with_extremes) {
  LatencyHistogram histogram;
  histogram.bin_width_ns = width_ns;
  histogram.count.assign(bins, 0);
  for (const std::int64_t ns : truth.sorted_ns) {
    const auto bin = static_cast<std::size_t>(ns / width_ns);
    ++(bin < bins ? histogram.count[bin] : histogram.overflow);
  }
  if (with_extremes) {
    histogram.min_ns = truth.sorted_ns.front();
    histogram.max_ns = truth.sorted_ns.back();
  }
  return histogram;
}

TEST(ExactTail, EveryAnswerIsTheTruth) {
  std::mt19937_64 random(3);
  for (int round = 0; round < 200; ++round) {
    const Truth truth = draw(&random, 400, true);
    const ExactTail tail = exact_tail_of(truth);
    expect_truth_within(truth, tail, &random);
    for (const Quantity& each : quantiles) {
      if (const auto value = truth.quantile(each.per_million)) {
        ASSERT_EQ(tail.quantile(each.per_million), (LatencyRange{*value, *value})) << each.key;
      }
    }
    ASSERT_TRUE(tail.count_above(truth.sorted_ns.front()).exact());
  }
}

TEST(ExactTail, HasTheCensoredAboveEveryLimit) {
  const ExactTail tail(Latencies{{20, 30}, {40}, 2});
  EXPECT_EQ(tail.total(), 5U);
  EXPECT_EQ(tail.count_above(1'000'000'000'000), 2U);
  EXPECT_EQ(tail.count_above(20), 4U);
  EXPECT_EQ(tail.count_above(19), 5U);
  EXPECT_EQ(tail.not_sent_above(30), 1U);
  EXPECT_EQ(tail.quantile(500'000), (LatencyRange{40, 40}));
  EXPECT_EQ(tail.quantile(990'000), (LatencyRange{40, std::nullopt}));
  EXPECT_EQ(ExactTail(Latencies{{}, {}, 1}).quantile(500'000), (LatencyRange{0, std::nullopt}));
}

TEST(HistogramTail, TheTruthIsAlwaysWithin) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 400; ++round) {
    const Truth truth = draw(&random, 600, round % 3 == 0);
    const auto width = static_cast<std::int64_t>(1 + random() % 5'000);
    const auto tail =
        HistogramTail::make(binned(truth, width, random() % 60, round % 2 == 0), truth.censored);
    ASSERT_TRUE(tail) << tail.error().what;
    expect_truth_within(truth, *tail, &random);
    ASSERT_FALSE(HasFailure()) << "in round " << round;
  }
}

TEST(HistogramTail, BoundsAreItsBins) {
  LatencyHistogram histogram{0, 1'000, {0, 1, 2}, 1, {}, {}};
  const auto tail = HistogramTail::make(histogram);
  ASSERT_TRUE(tail);
  EXPECT_EQ(tail->total(), 4U);
  EXPECT_EQ(tail->min(), (LatencyRange{1'000, 1'999}));
  EXPECT_EQ(tail->max(), (LatencyRange{3'000, std::nullopt}));
  EXPECT_EQ(tail->count_above(1'500), (CountRange{3, 4}));
  EXPECT_EQ(tail->count_above(1'999), (CountRange{3, 3}));
  EXPECT_EQ(tail->count_above(2'000), (CountRange{1, 3}));
  EXPECT_EQ(tail->count_above(1'000'000), (CountRange{0, 1})) << "the overflow has no upper end";
  EXPECT_EQ(tail->open_beyond(1'000'000), 3'000);
  EXPECT_EQ(tail->open_beyond(3'000), 3'000);
  EXPECT_EQ(tail->open_beyond(2'999), std::nullopt) << "those beyond the last bin took longer";
  EXPECT_EQ(tail->quantile(500'000), (LatencyRange{2'000, 2'999}));
  EXPECT_EQ(tail->quantile(990'000), (LatencyRange{3'000, std::nullopt}));
  histogram.max_ns = 7'700;
  const auto known = HistogramTail::make(histogram);
  ASSERT_TRUE(known);
  EXPECT_EQ(known->quantile(990'000), (LatencyRange{7'700, 7'700})) << "it is the largest itself";
  EXPECT_EQ(known->count_above(7'699), (CountRange{1, 1}));
  EXPECT_EQ(known->count_above(7'700), (CountRange{0, 0}));
  EXPECT_EQ(known->open_beyond(7'699), 3'000);
  EXPECT_EQ(known->open_beyond(7'700), std::nullopt);
  const auto with_few = [](std::size_t bins, std::uint64_t overflow) {
    return std::make_shared<HistogramTail>(
        HistogramTail::make({0, 1'000, std::vector<std::uint64_t>(bins, 1), overflow, {}, {}}).value());
  };
  const PooledTail several({with_few(9, 0), with_few(5, 2), with_few(3, 1)});
  EXPECT_EQ(several.open_beyond(6'000), 3'000) << "the lowest end of those that have any beyond it";
  EXPECT_EQ(several.open_beyond(2'500), std::nullopt);
}

// A program that counts whole microseconds cuts 7.7 us to 7.
TEST(HistogramTail, KnowsItsExtremesToTheProgramsResolution) {
  const auto tail = HistogramTail::make({0, 1'000, {0, 1, 2}, 1, 1'000, 7'000, 1'000});
  ASSERT_TRUE(tail) << tail.error().what;
  EXPECT_EQ(tail->min(), (LatencyRange{1'000, 1'999}));
  EXPECT_EQ(tail->max(), (LatencyRange{7'000, 7'999}));
  EXPECT_EQ(tail->count_above(999), 4U);
  EXPECT_EQ(tail->count_above(1'500), (CountRange{3, 4}));
  EXPECT_EQ(tail->count_above(6'999), 1U);
  EXPECT_EQ(tail->count_above(7'500), (CountRange{0, 1})) << "it may be 7.9 us";
  EXPECT_EQ(tail->count_above(7'999), 0U);
  EXPECT_EQ(tail->quantile(990'000), (LatencyRange{7'000, 7'999}));
}

TEST(HistogramTail, RefusesWhatContradictsItself) {
  const auto problem = [](const LatencyHistogram& histogram, CountRange censored = {}) {
    const auto tail = HistogramTail::make(histogram, censored);
    return tail ? std::string("accepted") : tail.error().what;
  };
  EXPECT_EQ(problem({0, 1'000, {0, 1}, 0, 1'500, 1'500}), "accepted");
  EXPECT_EQ(problem({0, 1'000, {}, 0, {}, {}}), "accepted");
  EXPECT_THAT(problem({0, 0, {1}, 0, {}, {}}), HasSubstr("wider than 0 ns"));
  EXPECT_THAT(problem({0, INT64_MAX / 4, {0, 0, 1}, 0, {}, {}}), HasSubstr("146 years"));
  EXPECT_THAT(problem({0, 1'000, {0, 1}, 0, 500, {}}), HasSubstr("smallest"));
  EXPECT_THAT(problem({0, 1'000, {0, 1}, 0, {}, 2'000}), HasSubstr("largest"));
  EXPECT_THAT(problem({0, 1'000, {0, 2}, 0, 1'800, 1'700}), HasSubstr("above its largest"));
  EXPECT_THAT(problem({0, 1'000, {0}, 0, {}, 500}), HasSubstr("of nothing"));
  EXPECT_THAT(problem({0, 1'000, {1}, 0, {}, {}, 0}), HasSubstr("resolution"));
  EXPECT_THAT(problem({0, 1'000, {1}, 0, {}, {}}, CountRange(2, 1)), HasSubstr("unanswered"));
}

TEST(PooledTail, IsWhatItsPartsAreTogether) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 200; ++round) {
    Truth all;
    std::vector<std::shared_ptr<const Tail>> parts;
    for (int part = 0; part < 3; ++part) {
      const Truth truth = draw(&random, 200, round % 2 == 0);
      all.sorted_ns.insert(all.sorted_ns.end(), truth.sorted_ns.begin(), truth.sorted_ns.end());
      all.censored += truth.censored;
      if (part == 2 && round % 4 == 0) {
        const auto tail = HistogramTail::make(binned(truth, 700, random() % 40, false), truth.censored);
        ASSERT_TRUE(tail);
        parts.push_back(std::make_shared<HistogramTail>(*tail));
      } else {
        parts.push_back(std::make_shared<ExactTail>(exact_tail_of(truth)));
      }
    }
    std::sort(all.sorted_ns.begin(), all.sorted_ns.end());
    const PooledTail tail(std::move(parts));
    EXPECT_EQ(tail.exact(), round % 4 != 0);
    expect_truth_within(all, tail, &random);
    if (const auto p90 = all.quantile(900'000); p90 && tail.exact()) {
      EXPECT_EQ(tail.quantile(900'000), (LatencyRange{*p90, p90}));
    }
    ASSERT_FALSE(HasFailure()) << "in round " << round;
  }
}

}  // namespace
}  // namespace loopgate::tail_test
