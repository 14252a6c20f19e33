#include "extremes/tail_rate.h"

#include <gmock/gmock.h>

#include "extremes/testing/samples.h"

namespace loopgate::tail_rate_test {
namespace {

using testing::Drawn;
using ::testing::HasSubstr;
using testing::Random;

class Tails : public ::testing::Test {
 protected:
  // One stimulus in ten times the time measured may be above.
  TailRate of(const Drawn& replicates, std::int64_t over_ns, double most = 0.1) {
    return tail_rate(testing::in_order(replicates), {over_ns, 0.95, 0.95}, most);
  }
  Drawn drawn(const testing::Survival& survival, std::size_t stimuli = 1'250) {
    return testing::replicates_of(8, stimuli, survival, &random_);
  }
  Random random_{31};
};

TEST_F(Tails, AreContinuedAsTheyGoOn) {
  const TailRate rate = of(drawn(testing::exponential), 75'000);  // 10,000 times exp(-11) is 0.167
  EXPECT_EQ(rate.refused, "");
  EXPECT_LT(rate.stimuli.lower, 0.167);
  EXPECT_GT(rate.stimuli.upper, 0.167);
  ASSERT_TRUE(rate.peaks && rate.blocks);
  EXPECT_GT(rate.peaks->p, tail_fit_level);
  EXPECT_NEAR(rate.peaks->scale_ns, 5'000, 700);
  EXPECT_EQ(rate.blocks->blocks, 96U);  // of 100 each, and what is left of 1,250
}

TEST_F(Tails, AHeavyOneIsContinuedAsHeavily) {
  const TailRate rate = of(drawn(testing::heavy), 300'000);
  EXPECT_EQ(rate.refused, "");
  const double truth = 10'000 * std::pow(1 + 0.3 * 280'000 / 3'000, -1 / 0.3);
  EXPECT_LT(rate.stimuli.lower, truth);
  EXPECT_GT(rate.stimuli.upper, truth);
}

TEST_F(Tails, EventsThatDelaySeveralStimuliCountAsMany) {
  const TailRate rate = of(testing::clustered(drawn(testing::exponential, 5'000), 3), 80'000);
  const double truth = 40'000 * 2.49 * std::exp(-12);  // the second and third are 1 and 2 us less
  ASSERT_EQ(rate.refused, "");
  EXPECT_LT(rate.peaks->peaks, rate.peaks->exceedances / 2);
  EXPECT_LT(rate.stimuli.lower, truth);
  EXPECT_GT(rate.stimuli.upper, truth);
}

TEST_F(Tails, TheSameSamplesGiveTheSameAnswer) {
  const Drawn replicates = drawn(testing::exponential);
  const TailRate once = of(replicates, 75'000);
  const TailRate again = of(replicates, 75'000);
  EXPECT_EQ(once.stimuli.upper, again.stimuli.upper);
  EXPECT_EQ(once.peaks->p, again.peaks->p);
}

TEST_F(Tails, TooFewStimuliAreNone) {
  EXPECT_THAT(of(drawn(testing::exponential, 600), 75'000).refused, HasSubstr("takes 5,000 stimuli"));
}

TEST_F(Tails, WhatIsTooFarOutIsNotLookedAt) {
  const TailRate rate = of(drawn(testing::exponential), 75'000, 1e-4);
  EXPECT_EQ(rate.refused,
            "one event in 10,000 times the time measured is too far out, and 30 times is the furthest");
}

TEST_F(Tails, AnEndOfTheSampleIsNoEndOfTheKernel) {
  EXPECT_THAT(of(drawn(testing::bounded_at_30us), 35'000).refused, HasSubstr("run into an end"));
}

TEST_F(Tails, TwoPathsAreNoTail) {
  EXPECT_THAT(of(drawn(testing::two_paths), 60'000).refused, HasSubstr("distribution (p = "));
}

TEST_F(Tails, ACoarseClockShowsNone) {
  Drawn replicates = drawn(testing::exponential);
  for (auto& each : replicates)
    for (auto& latency : each) latency = latency / 1'000 * 1'000;
  EXPECT_EQ(of(replicates, 75'000).refused.substr(0, 29), "the clock's steps of 1,000 ns");
}

TEST_F(Tails, APathOfOneLengthIsNone) {
  Drawn replicates = drawn(testing::exponential);
  for (auto& each : replicates)
    for (std::size_t i = 0; i < each.size(); i += 20) each[i] = 90'001;
  EXPECT_THAT(of(replicates, 175'000).refused, HasSubstr("have the same length"));
}

TEST_F(Tails, EqualLatenciesAreNone) {
  EXPECT_NE(of(Drawn(8, std::vector<std::int64_t>(1'250, 20'000)), 75'000).refused, "");
}

TEST_F(Tails, ALatencyWithinTheSampleIsNoneOfTheTail) {
  EXPECT_THAT(of(drawn(testing::exponential), 25'000).refused, HasSubstr("lies below the tail"));
}

TEST_F(Tails, ReplicatesShorterThanABlockAreRefusedByThatName) {
  const Drawn short_ones = testing::replicates_of(100, 90, testing::exponential, &random_);
  EXPECT_THAT(of(short_ones, 75'000).refused,
              HasSubstr("there are 0 whole blocks of 100 stimuli, and 50 are needed"));
}

TEST_F(Tails, NoStimuliAreRefused) { EXPECT_NE(of({}, 75'000).refused, ""); }

}  // namespace
}  // namespace loopgate::tail_rate_test
