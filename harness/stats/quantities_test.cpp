#include "stats/quantities.h"

#include <gmock/gmock.h>

#include <set>

#include "stats/comparison.h"
#include "stats/exact_tail.h"

namespace loopgate::quantities_test {
namespace {

TEST(Quantities, EachKeyStandsOnceAndIsReadInOneWay) {
  std::set<std::string> keys;
  for (const Quantity& each : quantities) {
    EXPECT_TRUE(keys.insert(each.key).second) << each.key;
    EXPECT_NE(each.figure == nullptr, each.count == nullptr) << each.key;
    EXPECT_EQ(each.kind == QuantityKind::count, each.count != nullptr) << each.key;
    EXPECT_EQ(each.has_rank(), each.per_million > 0) << each.key;
    EXPECT_EQ(find_quantity(each.key)->label, each.label);
  }
  EXPECT_EQ(find_quantity("p99.9"), nullptr) << "that is its label";
}

TEST(Quantities, QuantilesAreTheRowsOfThatKindInAscendingOrder) {
  EXPECT_EQ(quantiles.size(), 5U);
  for (std::size_t i = 1; i < quantiles.size(); ++i)
    EXPECT_LT(quantiles[i - 1].per_million, quantiles[i].per_million);
  EXPECT_DOUBLE_EQ(find_quantity("p99")->share_above(), 0.01);
}

TEST(Quantities, ReadWhatTheyAreCalled) {
  LatencyFigures figures;
  figures.min = 1;
  figures.quantile = {2, 3, 4, 5, 6};
  figures.max = 7;
  figures.jitter = 8;
  figures.mean = 9.5;
  figures.mean_above_p99_5 = 9.75;
  figures.stddev = 10.5;
  std::vector<std::optional<double>> read;
  for (const Quantity& each : quantities)
    if (each.figure != nullptr) read.push_back(each.figure(each, figures));
  EXPECT_THAT(read, ::testing::ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9.5, 9.75, 10.5));
  figures.quantile[3].reset();
  EXPECT_FALSE(find_quantity("p99_9")->figure(*find_quantity("p99_9"), figures));
  figures.mean_above_p99_5.reset();
  EXPECT_FALSE(find_quantity("mean_above_p99_5")->figure(*find_quantity("mean_above_p99_5"), figures));
}

TEST(Quantities, CountStimuli) {
  GroupEvidence group;
  Summary& summary = group.summary;
  summary.counts.late = 1;
  summary.counts.not_sent = 2;
  summary.counts.unanswered = 3;
  EXPECT_EQ(find_quantity("late")->count(group), 1U);
  EXPECT_EQ(find_quantity("not_sent")->count(group), 2U);
  EXPECT_EQ(find_quantity("unanswered")->count(group), 3U);
  EXPECT_FALSE(find_quantity("wrong")->count(group)) << "no response carries a decision";
  summary.decisions = DecisionCounts{.wrong = 4, .wrong_frame = 5};
  EXPECT_EQ(find_quantity("wrong")->count(group), 4U);
  EXPECT_EQ(find_quantity("wrong_frame")->count(group), 5U);
  summary.decisions->unjudged = 3;
  EXPECT_EQ(find_quantity("wrong")->count(group), (CountRange{4, 7}));
}

TEST(Quantities, AreNotKnownWhereTheInstrumentDoesNotCount) {
  GroupEvidence group;
  group.not_counted = "it knows no deadline";
  group.pooled = std::make_shared<ExactTail>(Latencies{{10}, {}, 2});
  EXPECT_FALSE(find_quantity("late")->count(group));
  EXPECT_FALSE(find_quantity("not_sent")->count(group));
  EXPECT_EQ(find_quantity("unanswered")->count(group), 2U);
}

TEST(Quantities, HaveALabelThatPeopleRead) {
  EXPECT_EQ(label_of("p99_99"), "p99.99");
  EXPECT_EQ(label_of("not_sent"), "not sent");
  EXPECT_EQ(label_of("above 50 us"), "above 50 us");
}

}  // namespace
}  // namespace loopgate::quantities_test
