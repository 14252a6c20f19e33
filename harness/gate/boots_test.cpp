#include "gate/boots.h"

#include <gtest/gtest.h>

#include <cmath>

namespace loopgate {
namespace {

TEST(ShareOfBoots, IsTheBinomialsBoundWithoutTheErrorOfASingleBoot) {
  EXPECT_NEAR(share_of_boots_lower_bound(5, 5, 0.95), (std::pow(0.05, 0.2) - 0.05) / 0.95, 1e-12);   // 0.526
  EXPECT_NEAR(share_of_boots_lower_bound(4, 4, 0.95), (std::pow(0.05, 0.25) - 0.05) / 0.95, 1e-12);  // 0.445
  EXPECT_EQ(share_of_boots_lower_bound(0, 5, 0.95), 0.0);
  EXPECT_EQ(share_of_boots_lower_bound(1, 5, 0.95), 0.0);
}

TEST(TallyBoots, JudgesEachBootByItsOwnStimuli) {
  const BootTally tally = tally_boots({{0, 299}, {0, 298}, {4, 1'000}, {8, 1'000}, {17, 1'000}}, 0.01, 0.95);
  EXPECT_EQ(tally.keep, 2U);
  EXPECT_EQ(tally.miss, 1U);
  EXPECT_EQ(tally.open, 2U);
  EXPECT_EQ(tally.boots(), 5U);
}

TEST(JudgeBoots, NeedsFiveForTheMedianBoot) {
  for (std::uint64_t boots = 0; boots < 5; ++boots) {
    EXPECT_EQ(judge_boots({boots, 0, 0}, 0.5, 0.95), VerdictKind::inconclusive) << boots;
    EXPECT_EQ(judge_boots({0, boots, 0}, 0.5, 0.95), VerdictKind::inconclusive) << boots;
  }
  EXPECT_EQ(judge_boots({5, 0, 0}, 0.5, 0.95), VerdictKind::pass);
  EXPECT_EQ(judge_boots({0, 5, 0}, 0.5, 0.95), VerdictKind::fail);
  EXPECT_EQ(judge_boots({5, 1, 0}, 0.5, 0.95), VerdictKind::inconclusive);
  EXPECT_EQ(judge_boots({7, 1, 0}, 0.5, 0.95), VerdictKind::pass);  // P(7 or 8 of 8 at 0.525) = 0.048
}

// An open boot is no good one.
TEST(JudgeBoots, CountsOpenBootsForNobody) {
  EXPECT_EQ(judge_boots({4, 0, 1}, 0.5, 0.95), VerdictKind::inconclusive);
  EXPECT_EQ(judge_boots({0, 4, 1}, 0.5, 0.95), VerdictKind::inconclusive);
}

TEST(JudgeBoots, AsksMoreOfMoreBoots) {
  EXPECT_EQ(judge_boots({30, 0, 0}, 0.9, 0.95), VerdictKind::inconclusive);
  EXPECT_EQ(judge_boots({31, 0, 0}, 0.9, 0.95), VerdictKind::pass);  // 0.905^31 = 0.045
  EXPECT_EQ(judge_boots({2, 3, 0}, 0.9, 0.95), VerdictKind::fail);   // 3 of 5 where 1 of 10 may
}

TEST(MoreStimuli, HelpWhereTheBootsAreEnough) {
  EXPECT_TRUE(more_stimuli_could_decide({3, 0, 2}, 0.5, 0.95));
  EXPECT_TRUE(more_stimuli_could_decide({0, 2, 3}, 0.5, 0.95));
  EXPECT_FALSE(more_stimuli_could_decide({3, 0, 1}, 0.5, 0.95));
  EXPECT_FALSE(more_stimuli_could_decide({2, 1, 2}, 0.5, 0.95));
}

TEST(BootsToDecide, IsTheLeastThatDoesWhenTheyGoOnAlike) {
  EXPECT_EQ(boots_to_decide({1, 0, 0}, 0.5, 0.95), 5U);
  EXPECT_EQ(boots_to_decide({0, 1, 0}, 0.5, 0.95), 5U);
  EXPECT_EQ(boots_to_decide({0, 0, 3}, 0.5, 0.95), 5U);
  EXPECT_EQ(boots_to_decide({1, 0, 0}, 0.9, 0.95), 31U);
  const auto needed = boots_to_decide({4, 1, 0}, 0.5, 0.95);
  ASSERT_TRUE(needed);
  const std::uint64_t miss = (*needed + 4) / 5;
  EXPECT_EQ(judge_boots({*needed - miss, miss, 0}, 0.5, 0.95), VerdictKind::pass);
  EXPECT_FALSE(boots_to_decide({3, 3, 0}, 0.5, 0.95)) << "half and half is the very share";
}

}  // namespace
}  // namespace loopgate
