#include <gmock/gmock.h>

#include <cmath>

#include "base/split_mix.h"
#include "gate/checks.h"
#include "gate/comparison_table.h"
#include "gate/testing/made_up_run.h"
#include "record/testing/recorded_run.h"

namespace loopgate::rate_check_test {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using testing::make_policy;
using testing::make_virtual_statistics;
using testing::make_wall_statistics;
using ::testing::StartsWith;

using Replicates = std::vector<std::vector<std::int64_t>>;

// Stimuli come 1 ms apart: 10,000 of them take 10 s, in which 360 an hour are one.
Replicates evenly(std::size_t above, std::size_t each = 1'250) {
  Replicates all(8, std::vector<std::int64_t>(each, 20'000));
  for (std::size_t i = 0; i < above; ++i) all[i % 8][100 + 37 * (i / 8)] = 200'000;
  return all;
}

// An exponential tail from 20 us on, of a mean of 5 us more.
Replicates exponential(std::size_t each = 1'250) {
  Replicates all(8);
  for (std::size_t i = 0; i < 8 * each; ++i) {
    const double share = (static_cast<double>(split_mix(i) >> 11U) + 0.5) * 0x1p-53;
    all[i % 8].push_back(static_cast<std::int64_t>(20'000 - 5'000 * std::log(share)));
  }
  return all;
}

Check judged(const Comparison& run, const std::string& limit,
             const std::string& head = testing::policy_head) {
  const auto verdict = evaluate(
      run, make_policy("[[budget]]\nkernel = \"a\"\nload = \"mixed\"\nexceed = { " + limit + " }\n", head),
      {});
  EXPECT_TRUE(verdict) << verdict.error().what;
  return verdict ? verdict->checks.front() : Check{};
}

Check judged(const Replicates& replicates, const std::string& limit) {
  return judged(make_virtual_statistics({{"a", "mixed", replicates}}), limit);
}

TEST(Rate, MoreThanAllowedIsFail) {
  const Check check = judged(evenly(16), "over_us = 100, max_per_hour = 100");
  EXPECT_EQ(check.verdict, VerdictKind::fail);
  EXPECT_NEAR(*check.seen, 16 * 360, 1);
  // Garwood's lower bound of 16 events is 10.04.
  EXPECT_EQ(check.why,
            "16 of 10,000 stimuli exceeded 100 us in 10 s of virtual time: at least 3.61e+03 an hour at 95 % "
            "confidence, 100 allowed");
  EXPECT_EQ(demand_text(check), "above 100 us at most 100 an hour");
}

TEST(Rate, FewEnoughInALongEnoughTimeIsPass) {
  const Check check = judged(evenly(0), "over_us = 100, max_per_hour = 1100");  // 3.06 in 10 s
  EXPECT_EQ(check.verdict, VerdictKind::pass);
  EXPECT_THAT(check.why, HasSubstr("in 10 s of virtual time: at most 1.08e+03 an hour at 95 % confidence"));
  EXPECT_FALSE(check.tail);
}

TEST(Rate, OneLongEventIsOne) {
  Replicates replicates = evenly(0);
  std::fill_n(replicates[3].begin() + 500, 40, 200'000);
  const Check check =
      judged(replicates, "over_us = 100, max_per_hour = 5000");  // 13.9 in 10 s; one event's bound is 0.05
  EXPECT_NE(check.verdict, VerdictKind::fail) << check.why;
}

TEST(Rate, ATailThatGoesOnIsContinued) {
  // exp(-16) of 10,000: 0.4 an hour.
  const Check check = judged(exponential(), "over_us = 100, max_per_hour = 40");
  EXPECT_EQ(check.verdict, VerdictKind::pass) << check.why;
  ASSERT_TRUE(check.tail);
  EXPECT_THAT(check.tail->rate.refused, "");
  EXPECT_THAT(check.why, HasSubstr("peaks above"));
  EXPECT_THAT(check.why, HasSubstr("an extrapolation 9 times as long as measured, by "));
  EXPECT_THAT(check.why, EndsWith("; valid for paths that at least 1 in 3,333 stimuli takes"));
}

TEST(Rate, ATailAloneFailsNobody) {
  // exp(-11) of 40,000 are 60 an hour, and none may have been seen.
  Replicates replicates = exponential(5'000);
  for (auto& each : replicates)
    for (auto& latency : each) latency = std::min<std::int64_t>(latency, 74'900);
  const Check check = judged(replicates, "over_us = 75, max_per_hour = 4");
  EXPECT_EQ(check.verdict, VerdictKind::inconclusive) << check.why;
  ASSERT_TRUE(check.tail);
  EXPECT_EQ(check.tail->rate.refused, "");
}

TEST(Rate, EventsThatDelaySeveralSayLess) {
  Replicates clustered = evenly(0);
  for (std::size_t event = 0; event < 4; ++event) std::fill_n(clustered[2 * event].begin() + 300, 4, 200'000);
  // Of 16 independent ones the upper bound is 24.3 in 10 s, of 4 times 4 it is 36.6.
  EXPECT_EQ(judged(evenly(16), "over_us = 100, max_per_hour = 9500").verdict, VerdictKind::pass);
  EXPECT_EQ(judged(clustered, "over_us = 100, max_per_hour = 9500").verdict, VerdictKind::inconclusive);
}

TEST(Rate, WhatGathersInOneReplicateDecidesNeither) {
  Replicates replicates = evenly(0);
  for (std::size_t i = 0; i < 9; ++i) replicates[3][100 + 100 * i] = 200'000;
  for (const char* limit : {"over_us = 100, max_per_hour = 1000", "over_us = 100, max_per_hour = 9000"}) {
    const Check check = judged(replicates, limit);
    EXPECT_EQ(check.verdict, VerdictKind::inconclusive) << limit;
    EXPECT_THAT(check.why, HasSubstr("what exceeded 100 us gathers in few replicates"));
  }
}

TEST(Rate, WhereATailIsNotContinuedItIsSaidWhyAndWhatWouldShowIt) {
  const Check check = judged(evenly(0), "over_us = 100, max_per_hour = 40");
  EXPECT_EQ(check.verdict, VerdictKind::inconclusive);
  EXPECT_THAT(
      check.why,
      StartsWith("0 of 10,000 stimuli exceeded 100 us in 10 s of virtual time: that does not decide 40 "
                 "an hour, and its tail is not continued: "));
  EXPECT_THAT(check.why, EndsWith("; 4.49 min without one, 269,616 stimuli, would show it"));
  EXPECT_EQ(check.samples_needed, 269'616U);
}

TEST(Rate, AStimulusWithoutItsLatencyEndsTheTail) {
  Replicates replicates = exponential();
  replicates[2][1'000] = testing::not_sent;
  const Check check = judged(replicates, "over_us = 100, max_per_hour = 40");
  EXPECT_EQ(check.verdict, VerdictKind::inconclusive);
  EXPECT_THAT(check.why, HasSubstr("the latencies of 1 not sent and 0 unanswered are not known"));
}

TEST(Rate, AnUnansweredStimulusIsAboveEveryLimit) {
  Replicates replicates = exponential();
  replicates[2][1'000] = testing::never_answered;
  EXPECT_EQ(judged(replicates, "over_us = 100, max_per_hour = 1").verdict, VerdictKind::fail);
}

TEST(Rate, WhatGathersInOneReplicateIsNotTheKernels) {
  Replicates replicates = exponential();
  for (std::size_t i = 0; i < 1'250; ++i)
    if (i % 2 == 0) replicates[5][i] += 17'000;
  const Check check = judged(replicates, "over_us = 100, max_per_hour = 40");
  EXPECT_EQ(check.verdict, VerdictKind::inconclusive) << check.why;
}

// The whole of the tail is alike in all replicates, and its few largest are one replicate's.
TEST(Rate, ATailIsNotContinuedOverWhatGathersBeyondIt) {
  Replicates replicates = exponential();
  for (std::size_t i = 0; i < 6; ++i) replicates[5][100 + 150 * i] = 64'000 + static_cast<std::int64_t>(i);
  const Check check = judged(replicates, "over_us = 63, max_per_hour = 5000");
  EXPECT_EQ(check.verdict, VerdictKind::inconclusive) << check.why;
  EXPECT_THAT(check.why, HasSubstr("its tail is not continued: what exceeded 63 us gathers"));
}

TEST(Rate, WhatDriftsDoesNotPass) {
  Comparison run = make_virtual_statistics({{"a", "mixed", evenly(0)}});
  run.groups[0].stationarity.result = Steadiness::drifts;
  run.groups[0].stationarity.says = "drifts";
  EXPECT_EQ(judged(run, "over_us = 100, max_per_hour = 1100").verdict, VerdictKind::inconclusive);
}

TEST(Rate, OnABoardBootsMustBeEnough) {
  const auto of_boots = [](std::size_t boots) {
    Replicates replicates = evenly(0);
    replicates.resize(boots);
    return judged(make_wall_statistics({{"a", "mixed", replicates}}), "over_us = 100, max_per_hour = 5000",
                  testing::wall_policy_head);
  };
  EXPECT_EQ(of_boots(8).verdict, VerdictKind::pass);
  EXPECT_THAT(of_boots(8).why, HasSubstr("in 10 s of wall-clock time"));
  EXPECT_EQ(of_boots(3).verdict, VerdictKind::inconclusive);
  EXPECT_THAT(of_boots(3).why, HasSubstr("too few to show that 50 % of all replicates keep it"));
}

TEST(Rate, WithoutTimesThereIsNone) {
  Comparison run = make_virtual_statistics({{"a", "mixed", evenly(0)}});
  for (Replicate& each : run.groups[0].replicates) each.course = nullptr;
  const Check check = judged(run, "over_us = 100, max_per_hour = 40");
  EXPECT_EQ(check.verdict, VerdictKind::invalid);
  EXPECT_THAT(check.why, HasSubstr("no rate by the hour"));
}

TEST(Rate, AreInTheVerdictsFile) {
  Verdict verdict;
  verdict.checks = {judged(exponential(), "over_us = 100, max_per_hour = 40"),
                    judged(evenly(0), "over_us = 100, max_per_hour = 40")};
  const std::string json = to_json(verdict);
  EXPECT_THAT(json, HasSubstr("\"peaks_over_threshold\": {"));
  EXPECT_THAT(json, HasSubstr("\"block_maxima\": {"));
  EXPECT_THAT(json, HasSubstr("\"per_hour\": null"));
}

}  // namespace
}  // namespace loopgate::rate_check_test
