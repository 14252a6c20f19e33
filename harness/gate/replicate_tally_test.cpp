#include "gate/replicate_tally.h"

#include <gtest/gtest.h>

#include <cmath>

namespace loopgate::replicate_tally_test {
namespace {

TEST(ReplicateFraction, IsTheBinomialsBoundWithoutTheErrorOfASingleOne) {
  EXPECT_NEAR(replicate_fraction_lower_bound(5, 5, 0.95, 0.95), (std::pow(0.05, 0.2) - 0.05) / 0.95,
              1e-12);  // 0.526
  EXPECT_NEAR(replicate_fraction_lower_bound(4, 4, 0.95, 0.95), (std::pow(0.05, 0.25) - 0.05) / 0.95,
              1e-12);  // 0.445
  EXPECT_EQ(replicate_fraction_lower_bound(0, 5, 0.95, 0.95), 0.0);
  EXPECT_EQ(replicate_fraction_lower_bound(1, 5, 0.95, 0.95), 0.0);
}

TEST(TallyReplicates, JudgesEachByItsOwnStimuli) {
  const ReplicateTally tally =
      tally_replicates({{0, 299}, {0, 298}, {4, 1'000}, {8, 1'000}, {17, 1'000}}, 0.01, 0.95);
  EXPECT_EQ(tally.keep, 2U);
  EXPECT_EQ(tally.miss, 1U);
  EXPECT_EQ(tally.open, 2U);
  EXPECT_EQ(tally.replicates(), 5U);
}

TEST(JudgeReplicates, NeedsFiveForTheMedianReplicate) {
  for (std::uint64_t replicates = 0; replicates < 5; ++replicates) {
    EXPECT_EQ(judge_replicates({replicates, 0, 0}, 0.5, 0.95), VerdictKind::inconclusive) << replicates;
    EXPECT_EQ(judge_replicates({0, replicates, 0}, 0.5, 0.95), VerdictKind::inconclusive) << replicates;
  }
  EXPECT_EQ(judge_replicates({5, 0, 0}, 0.5, 0.95), VerdictKind::pass);
  EXPECT_EQ(judge_replicates({0, 5, 0}, 0.5, 0.95), VerdictKind::fail);
  EXPECT_EQ(judge_replicates({5, 1, 0}, 0.5, 0.95), VerdictKind::inconclusive);
  EXPECT_EQ(judge_replicates({7, 1, 0}, 0.5, 0.95), VerdictKind::pass);  // P(7 or 8 of 8 at 0.525) = 0.048
}

// An open replicate is no good one.
TEST(JudgeReplicates, CountsOpenOnesForNeither) {
  EXPECT_EQ(judge_replicates({4, 0, 1}, 0.5, 0.95), VerdictKind::inconclusive);
  EXPECT_EQ(judge_replicates({0, 4, 1}, 0.5, 0.95), VerdictKind::inconclusive);
}

TEST(JudgeReplicates, AsksMoreForALargerFraction) {
  EXPECT_EQ(judge_replicates({30, 0, 0}, 0.9, 0.95), VerdictKind::inconclusive);
  EXPECT_EQ(judge_replicates({31, 0, 0}, 0.9, 0.95), VerdictKind::pass);  // 0.905^31 = 0.045
  EXPECT_EQ(judge_replicates({2, 3, 0}, 0.9, 0.95), VerdictKind::fail);   // 3 of 5 where 1 of 10 may
}

TEST(MoreStimuli, HelpWhereTheReplicatesAreEnough) {
  EXPECT_TRUE(more_stimuli_could_decide({3, 0, 2}, 0.5, 0.95));
  EXPECT_TRUE(more_stimuli_could_decide({0, 2, 3}, 0.5, 0.95));
  EXPECT_FALSE(more_stimuli_could_decide({3, 0, 1}, 0.5, 0.95));
  EXPECT_FALSE(more_stimuli_could_decide({2, 1, 2}, 0.5, 0.95));
}

TEST(ReplicatesToDecide, IsTheLeastThatDoesWhenTheyGoOnAlike) {
  EXPECT_EQ(replicates_to_decide({1, 0, 0}, 0.5, 0.95), 5U);
  EXPECT_EQ(replicates_to_decide({0, 1, 0}, 0.5, 0.95), 5U);
  EXPECT_EQ(replicates_to_decide({0, 0, 3}, 0.5, 0.95), 5U);
  EXPECT_EQ(replicates_to_decide({1, 0, 0}, 0.9, 0.95), 31U);
  const auto needed = replicates_to_decide({4, 1, 0}, 0.5, 0.95);
  ASSERT_TRUE(needed);
  const std::uint64_t miss = (*needed + 4) / 5;
  EXPECT_EQ(judge_replicates({*needed - miss, miss, 0}, 0.5, 0.95), VerdictKind::pass);
  EXPECT_FALSE(replicates_to_decide({3, 3, 0}, 0.5, 0.95)) << "half and half is the very share";
}

}  // namespace
}  // namespace loopgate::replicate_tally_test
