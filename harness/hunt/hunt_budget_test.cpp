#include "hunt/hunt_budget.h"

#include <gtest/gtest.h>

namespace loopgate {
namespace {

constexpr RandomStimuli random_stimuli{10'000, 700'000, 50};  // in 50 s of host time

TEST(HuntBudget, TheFirstRunIsAQuarterOfTheRandomStimuliOfTheSameTime) {
  EXPECT_EQ(stimuli_of_first_run(random_stimuli, 50, 1'250), 2'500);
  EXPECT_EQ(stimuli_of_first_run(random_stimuli, 80, 1'250), 4'000);
}

TEST(HuntBudget, TheFirstRunIsNoShorterThan800AndNoLongerThan5000OrWhatWasMeasured) {
  EXPECT_EQ(stimuli_of_first_run(random_stimuli, 1, 1'250), 800);
  EXPECT_EQ(stimuli_of_first_run(random_stimuli, 0, 1'250), 800);
  EXPECT_EQ(stimuli_of_first_run(random_stimuli, 3'600, 1'250), 5'000);
  EXPECT_EQ(stimuli_of_first_run(random_stimuli, 3'600, 12'500), 12'500);
  EXPECT_EQ(stimuli_of_first_run(random_stimuli, 3'600, 100'000), 20'000) << "more the recorder cannot hold";
  EXPECT_EQ(stimuli_of_first_run({}, 3'600, 12'500), 800) << "none was answered at random";
}

// 4 s until the first stimulus and 20 s for 1,000 of them.
HuntBudget taught(double budget_s) {
  HuntBudget budget(budget_s);
  budget.learn(4, 24, 1'000);
  return budget;
}

TEST(HuntBudget, KnowsWhatARunCostsUntilItsFirstStimulus) {
  EXPECT_DOUBLE_EQ(taught(100).cost_s(500), 14);
  EXPECT_DOUBLE_EQ(taught(100).cost_s(2'000), 44);
}

TEST(HuntBudget, PaysForARunAndTheProofOfTheWorst) {
  HuntBudget budget = taught(100);
  EXPECT_TRUE(budget.allows(50, 30)) << "its own proof takes 18 s";
  EXPECT_FALSE(budget.allows(50, 32));
  budget.found_worst(1'800);
  EXPECT_FALSE(budget.allows(50, 30)) << "the proof of an earlier one takes 24 s";
  EXPECT_TRUE(budget.allows(50, 26));
}

TEST(HuntBudget, TheNextRunIsAsLongAsWhatIsLeftLetsItBe) {
  const HuntBudget budget = taught(100);
  EXPECT_EQ(budget.stimuli_of_next(20, 2'000), 2'000);
  EXPECT_EQ(budget.stimuli_of_next(61.59, 2'000), 1'000) << "24 s and 14.4 s for the proof";
  EXPECT_EQ(budget.stimuli_of_next(70, 2'000), 0) << "700 stimuli do not prove that every load ran";
  EXPECT_EQ(budget.stimuli_of_next(97, 2'000), 0);
  EXPECT_EQ(budget.stimuli_of_next(120, 2'000), 0);
  EXPECT_EQ(HuntBudget(100).stimuli_of_next(0, 2'000), 0) << "what one costs is not known yet";
}

TEST(HuntBudget, AShortFirstRunMayBeMadeAgain) {
  HuntBudget budget(100);
  budget.learn(0, 5, 3);
  EXPECT_EQ(budget.stimuli_of_next(20, 3), 3);
  EXPECT_EQ(budget.stimuli_of_next(96, 3), 0);
}

}  // namespace
}  // namespace loopgate
