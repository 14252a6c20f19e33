#include "analysis/intervals.h"

#include <gmock/gmock.h>

namespace loopgate::intervals_test {
namespace {

using ::testing::ElementsAre;

TEST(Intervals, WhatOverlapsIsOneAndWhatTouchesIsTwo) {
  const Intervals all({{50, 60}, {0, 10}, {5, 20}, {20, 30}, {70, 70}});
  EXPECT_THAT(all.all(), ElementsAre(Interval{0, 20}, Interval{20, 30}, Interval{50, 60}));
}

TEST(Intervals, AMomentIsInOneFromItsBeginToBeforeItsEnd) {
  const Intervals all({{10, 20}, {30, 40}});
  EXPECT_EQ(all.at(9), nullptr);
  ASSERT_NE(all.at(10), nullptr);
  EXPECT_EQ(all.at(19)->begin_ns, 10);
  EXPECT_EQ(all.at(20), nullptr);
  EXPECT_EQ(Intervals().at(5), nullptr);
}

TEST(Intervals, TheyTakeSoMuchOfAStretch) {
  const Intervals all({{10, 20}, {30, 40}});
  EXPECT_EQ(all.within(0, 100), 20);
  EXPECT_EQ(all.within(15, 35), 10);
  EXPECT_EQ(all.within(20, 30), 0);
  EXPECT_EQ(all.within(15, 15), 0);
  EXPECT_EQ(all.within(35, 15), 0);
}

// By every place that a stretch could have.
std::int64_t most_by_trying(const Intervals& all, std::int64_t length_ns) {
  std::int64_t most = 0;
  for (std::int64_t at = -200; at <= 200; ++at) most = std::max(most, all.within(at, at + length_ns));
  return most;
}

TEST(Intervals, TheMostOfAnyStretchIsWhatTryingAllPlacesFinds) {
  const Intervals all({{0, 3}, {10, 25}, {27, 30}, {60, 64}, {66, 70}, {90, 91}});
  for (const std::int64_t length : {1, 4, 10, 15, 17, 20, 33, 60, 100, 150})
    EXPECT_EQ(all.most_within(length), most_by_trying(all, length)) << length;
  EXPECT_EQ(Intervals().most_within(100), 0);
}

TEST(Intervals, AreUnitedAndTakenFromEachOther) {
  const Intervals one({{0, 10}, {20, 30}});
  const Intervals other({{5, 22}, {25, 26}, {40, 50}});
  EXPECT_THAT(united(one, other).all(), ElementsAre(Interval{0, 30}, Interval{40, 50}));
  EXPECT_THAT(without(one, other).all(), ElementsAre(Interval{0, 5}, Interval{22, 25}, Interval{26, 30}));
  EXPECT_THAT(without(one, Intervals()).all(), ElementsAre(Interval{0, 10}, Interval{20, 30}));
}

}  // namespace
}  // namespace loopgate::intervals_test
