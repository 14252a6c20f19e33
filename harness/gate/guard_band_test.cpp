#include "gate/guard_band.h"

#include <gmock/gmock.h>

#include "gate/evaluate.h"
#include "gate/testing/made_up_run.h"

namespace loopgate::guard_band_test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::latencies_with;
using testing::make_policy;
using testing::make_statistics;

constexpr const char* band_of_2_us = "guard_band_ns = 2000\n";

std::string budget(const std::string& limits) {
  return "[[budget]]\nkernel = \"rt\"\nload = \"mixed\"\n" + limits + "\n";
}

Verdict judged(const std::vector<std::int64_t>& latencies, const std::string& limits,
               const std::string& band = band_of_2_us) {
  return evaluate(make_statistics({{"rt", "mixed", latencies}}), make_policy(band + budget(limits)), {})
      .value();
}

Check check_of(const std::vector<std::int64_t>& latencies, const std::string& limits) {
  return judged(latencies, limits).checks.at(0);
}

// 100 us, and 2 us that the instrument may be wrong by: the last that surely keeps it, the last that may, ...
TEST(GuardBand, AMaximumIsKeptBelowItBrokenAboveItAndOpenBetween) {
  const auto verdict_at = [](std::int64_t max_ns) {
    std::vector<std::int64_t> latencies(300, 20'000);
    latencies[7] = max_ns;
    return check_of(latencies, "max_us = 100").verdict;
  };
  EXPECT_EQ(verdict_at(98'000), VerdictKind::pass);
  EXPECT_EQ(verdict_at(98'001), VerdictKind::inconclusive);
  EXPECT_EQ(verdict_at(100'000), VerdictKind::inconclusive);
  EXPECT_EQ(verdict_at(102'000), VerdictKind::inconclusive);
  EXPECT_EQ(verdict_at(102'001), VerdictKind::fail);
}

TEST(GuardBand, TheCheckShowsThePolicysLimitAndSaysWhatItWasHeldAgainst) {
  const Check kept = check_of(latencies_with(300, 0), "max_us = 100");
  EXPECT_EQ(kept.limit, 100'000);
  EXPECT_THAT(kept.why, HasSubstr("held against 98 us, since the guard band is 2 us: 0 of 300 stimuli"));
  std::vector<std::int64_t> between(300, 20'000);
  between[7] = 101'000;
  const Check open = check_of(between, "max_us = 100");
  EXPECT_EQ(open.limit, 100'000);
  EXPECT_THAT(open.why, HasSubstr("within the guard band of 2 us about its limit"));
  EXPECT_FALSE(open.samples_needed) << "more stimuli make no finer instrument";
}

// 1 % of 1,000: 4 above give an upper bound of 0.91 %, 17 a lower one of 1.09 %.
TEST(GuardBand, AQuantileAndAShareAreHeldTheSameWay) {
  const auto latencies_at = [](std::int64_t slow_ns, std::size_t count) {
    std::vector<std::int64_t> latencies = latencies_with(1'000, count);
    for (std::int64_t& each : latencies)
      if (each == 200'000) each = slow_ns;
    return latencies;
  };
  for (const char* limit : {"p99_us = 100", "exceed = { over_us = 100, max_fraction = 0.01 }"}) {
    EXPECT_EQ(check_of(latencies_at(200'000, 4), limit).verdict, VerdictKind::pass) << limit;
    EXPECT_EQ(check_of(latencies_at(200'000, 17), limit).verdict, VerdictKind::fail) << limit;
    const Check open = check_of(latencies_at(101'000, 17), limit);
    EXPECT_EQ(open.verdict, VerdictKind::inconclusive) << limit;
    EXPECT_EQ(check_of(latencies_at(99'000, 17), limit).verdict, VerdictKind::inconclusive) << limit;
    EXPECT_EQ(check_of(latencies_at(98'000, 17), limit).verdict, VerdictKind::pass) << limit;
  }
  EXPECT_EQ(check_of(latencies_at(200'000, 4), "exceed = { over_us = 100, max_fraction = 0.01 }").quantity,
            "above 100 us");
}

TEST(GuardBand, WhatMoreStimuliWouldDecideSaysHowMany) {
  const Check open = check_of(latencies_with(1'000, 8), "p99_us = 100");
  EXPECT_EQ(open.verdict, VerdictKind::inconclusive);
  EXPECT_TRUE(open.samples_needed);
}

TEST(GuardBand, ASpreadHasOneAndACountHasNone) {
  std::vector<std::int64_t> latencies(300, 20'000);
  latencies[7] = 119'000;
  EXPECT_EQ(check_of(latencies, "jitter_us = 100").verdict, VerdictKind::inconclusive);
  for (const Check& each : judged(latencies, "late = 0\nmax_us = 200").checks)
    if (each.unit == "stimuli") EXPECT_EQ(each.why.find("guard band"), std::string::npos) << each.quantity;
}

TEST(GuardBand, TheVerdictSaysIt) {
  const Verdict with = judged(latencies_with(300, 0), "max_us = 100");
  EXPECT_THAT(with.guard_band, HasSubstr("the guard band is 2 us"));
  EXPECT_THAT(to_json(with), HasSubstr("\"guard_band\": \"the guard band is 2 us"));
  const Verdict without = judged(latencies_with(300, 0), "max_us = 100", "");
  EXPECT_EQ(without.guard_band, "");
  EXPECT_THAT(to_json(without), HasSubstr("\"guard_band\": null"));
}

std::string refusal(const std::string& rules) {
  const auto policy = parse_policy(testing::policy_head + rules, "p.toml");
  return policy ? "accepted" : policy.error().what;
}

TEST(GuardBand, IsRefusedWhereItCouldNotBeKept) {
  EXPECT_THAT(refusal("guard_band_ns = 100000\n" + budget("max_us = 200\np99_us = 100")),
              HasSubstr("guard_band_ns must be below each limit of a latency, and one is 100 us"));
  EXPECT_EQ(refusal("guard_band_ns = 99999\n" + budget("max_us = 200\np99_us = 100")), "accepted");
  EXPECT_THAT(refusal("guard_band_ns = 100\n" + budget("late = 0")),
              HasSubstr("no [[budget]] of this policy"));
  for (const char* value : {"0", "-1", "1000000001", "0.5", "\"1\""})
    EXPECT_THAT(refusal(std::string("guard_band_ns = ") + value + "\n" + budget("max_us = 200")),
                HasSubstr("guard_band_ns"))
        << value;
}

// No answer takes longer than 101 us, so none is seen above 102 us.
TEST(GuardBand, ALimitThatItLiftsBeyondTheTimeoutIsRefused) {
  Comparison run = make_statistics({{"rt", "mixed", latencies_with(300, 0)}});
  run.response_timeout_ns = 101'000;
  const Policy policy = make_policy(band_of_2_us + budget("max_us = 100"));
  EXPECT_THAT(testing::refusal(run, policy),
              AllOf(HasSubstr("with a guard band of 2 us"), HasSubstr("cannot fail")));
  EXPECT_EQ(testing::refusal(run, make_policy(budget("max_us = 100"))), "accepted");
}

}  // namespace
}  // namespace loopgate::guard_band_test
