// The gate where replicates are counted, as on a board, where each is a boot.

#include <gmock/gmock.h>

#include "gate/evaluate.h"
#include "gate/testing/made_up_run.h"
#include "record/testing/recorded_run.h"

namespace loopgate::replicate_checks_test {
namespace {

using ::testing::HasSubstr;
using testing::latencies_with;
using testing::MadeUpReplicates;
using testing::make_policy;
using testing::make_statistics;
using testing::make_wall_statistics;
using testing::never_answered;
using testing::wall_policy_head;

using Boots = std::vector<std::vector<std::int64_t>>;

std::string budget(const std::string& limits) {
  return "[[budget]]\nkernel = \"rt\"\nload = \"mixed\"\n" + limits + "\n";
}

std::string compare(const std::string& quantity, double ratio) {
  return "[[compare]]\nkernel = \"rt\"\nagainst = \"generic\"\nload = \"mixed\"\nquantity = \"" + quantity +
         "\"\nmax_ratio = " + std::to_string(ratio) + "\n";
}

std::string baseline_rule(const std::string& quantity, double ratio) {
  return "[[baseline]]\nkernel = \"rt\"\nload = \"mixed\"\nquantity = \"" + quantity +
         "\"\nmax_ratio = " + std::to_string(ratio) + "\n";
}

Verdict verdict_of(const std::vector<MadeUpReplicates>& groups, const std::string& rules) {
  const auto verdict = evaluate(make_wall_statistics(groups), make_policy(rules, wall_policy_head), {});
  EXPECT_TRUE(verdict) << verdict.error().what;
  return verdict ? *verdict : Verdict{};
}

// The check of a run with one kernel.
Check check_of(const Boots& boots, const std::string& limits) {
  return verdict_of({{"rt", "mixed", boots}}, budget(limits)).checks.at(0);
}

// So many boots alike.
Boots alike(std::size_t boots, std::size_t stimuli, std::size_t above) {
  return Boots(boots, latencies_with(stimuli, above));
}

Boots of_maxima(const std::vector<std::int64_t>& maxima_us) {
  Boots boots;
  for (const std::int64_t us : maxima_us) boots.push_back({10'000, us * 1'000});
  return boots;
}

TEST(ReplicateBudgets, OneBootDecidesNothing) {
  for (const char* limits : {"p99_us = 100", "max_us = 100", "jitter_us = 300", "late = 0", "not_sent = 0",
                             "exceed = { over_us = 100, max_fraction = 0.01 }"}) {
    const Check check = check_of(alike(1, 10'000, 0), limits);
    EXPECT_EQ(check.verdict, VerdictKind::inconclusive) << limits;
    EXPECT_EQ(check.replicates_needed, 5U) << limits;
    EXPECT_FALSE(check.samples_needed) << limits;
    EXPECT_THAT(check.why, HasSubstr("5 replicates")) << limits;
  }
}

TEST(ReplicateBudgets, FiveBootsDecide) {
  const Check pass = check_of(alike(5, 1'000, 4), "p99_us = 100");
  EXPECT_EQ(pass.verdict, VerdictKind::pass);
  EXPECT_EQ(
      pass.why,
      "20 of 5,000 stimuli exceeded 100 us, 1 % allowed: 5 of 5 replicates keep it; at least 52.6 % of all "
      "replicates do at 95 % confidence, 50 % must");
  EXPECT_EQ(check_of(alike(5, 1'000, 17), "p99_us = 100").verdict, VerdictKind::fail);
  EXPECT_EQ(check_of(alike(5, 1'000, 4), "exceed = { over_us = 100, max_fraction = 0.01 }").verdict,
            VerdictKind::pass);
  const Check max = check_of(alike(5, 1'000, 0), "max_us = 100");
  EXPECT_EQ(max.verdict, VerdictKind::pass);
  EXPECT_EQ(max.why,
            "0 of 5,000 stimuli exceeded 100 us, in 5 replicates: at least 52.6 % of all replicates keep it "
            "at 95 % "
            "confidence, 50 % required");
}

// 300 of 50,000, which is 0.6 %: pooled, an upper bound of 0.66 % would be a clear PASS of 1 %.
TEST(ReplicateBudgets, ABootThatStandsOutIsNotDilutedByTheOthers) {
  Boots boots = alike(4, 10'000, 0);
  boots.push_back(latencies_with(10'000, 300));
  const Check check = check_of(boots, "p99_us = 100");
  EXPECT_EQ(check.verdict, VerdictKind::inconclusive);
  EXPECT_THAT(check.why, HasSubstr("4 of 5 replicates keep it, 1 does not; 50 % of all replicates must: "));
  ASSERT_TRUE(check.replicates_needed);
  EXPECT_GT(*check.replicates_needed, 5U);
  EXPECT_FALSE(check.samples_needed);
}

TEST(ReplicateBudgets, AskForStimuliWhereTheBootsAreEnough) {
  const Check check = check_of(alike(5, 1'000, 8), "p99_us = 100");
  EXPECT_EQ(check.verdict, VerdictKind::inconclusive);
  ASSERT_TRUE(check.samples_needed);
  EXPECT_GT(*check.samples_needed, 1'000U);
  EXPECT_FALSE(check.replicates_needed);
  EXPECT_THAT(check.why, HasSubstr("0 of 5 replicates keep it, 5 have too few stimuli to say"));
  EXPECT_THAT(check.why, HasSubstr("in each replicate would decide"));
}

TEST(ReplicateBudgets, AskForBothWhereBothAreMissing) {
  const Check check = check_of(alike(2, 100, 0), "p99_us = 100");
  EXPECT_EQ(check.samples_needed, 299U);
  EXPECT_EQ(check.replicates_needed, 5U);
  EXPECT_THAT(check.why,
              HasSubstr("5 replicates (now 2) with about 299 stimuli in each replicate would decide"));
}

TEST(ReplicateBudgets, OneStimulusAboveAMaximumIsAFailInAnyBoot) {
  EXPECT_EQ(check_of(of_maxima({20, 20, 20, 20, 20, 201}), "max_us = 200").verdict, VerdictKind::fail);
  EXPECT_EQ(check_of(of_maxima({201}), "max_us = 200").verdict, VerdictKind::fail);
  EXPECT_EQ(check_of(of_maxima({20, 20, 20, 20, 20, 201}), "jitter_us = 190").verdict, VerdictKind::fail);
}

TEST(ReplicateBudgets, TheSeenFigureIsTheMiddleBoots) {
  Boots boots;
  for (const std::int64_t us : {20, 90, 30, 40, 50}) boots.emplace_back(300, us * 1'000);
  EXPECT_EQ(check_of(boots, "p99_us = 200").seen, 40'000);
  EXPECT_FALSE(check_of(of_maxima({20, 90, 30, 40, 50}), "p99_us = 200").seen) << "2 stimuli have no p99";
  EXPECT_EQ(check_of(alike(5, 1'000, 4), "exceed = { over_us = 100, max_fraction = 0.01 }").seen, 0.004);
}

TEST(ReplicateBudgets, APolicyMayDemandMoreOfTheBoots) {
  const std::string rules = "min_replicate_fraction = 0.9\n" + budget("max_us = 100");
  const Verdict five = verdict_of({{"rt", "mixed", alike(5, 10, 0)}}, rules);
  EXPECT_EQ(five.verdict, VerdictKind::inconclusive);
  EXPECT_EQ(five.checks[0].replicates_needed, 31U);
  EXPECT_EQ(verdict_of({{"rt", "mixed", alike(31, 10, 0)}}, rules).verdict, VerdictKind::pass);
}

// A throttled boot: the others are no evidence without it.
TEST(ReplicateBudgets, AnInvalidBootIsMissingAndNeverGood) {
  const UnmeasuredCell throttled{"rt.mixed.6", "invalid", "the board throttled"};
  const Verdict verdict =
      verdict_of({{"rt", "mixed", alike(5, 1'000, 0), {throttled}}}, budget("max_us = 100\np99_us = 100"));
  EXPECT_EQ(verdict.verdict, VerdictKind::invalid);
  ASSERT_EQ(verdict.checks.size(), 1U);
  EXPECT_THAT(verdict.checks[0].why, HasSubstr("the board throttled"));
}

TEST(ReplicateBudgets, TheDefaultOfNoUnansweredStimulusNeedsBootsToo) {
  const Verdict verdict = verdict_of({{"rt", "mixed", alike(4, 10, 0)}}, budget("late = 5"));
  ASSERT_EQ(verdict.checks.size(), 2U);
  EXPECT_EQ(verdict.checks[1].quantity, "unanswered");
  EXPECT_EQ(verdict.checks[1].verdict, VerdictKind::inconclusive);
  EXPECT_EQ(verdict_of({{"rt", "mixed", Boots(5, {20'000, never_answered})}}, budget("late = 5")).verdict,
            VerdictKind::fail);
}

Check comparison_of(const Boots& rt, const Boots& generic, const std::string& quantity, double ratio) {
  return verdict_of({{"generic", "mixed", generic}, {"rt", "mixed", rt}}, compare(quantity, ratio))
      .checks.at(0);
}

TEST(ReplicateCompare, ThreeAgainstThreeNeverDecideAtNinetyFivePercent) {
  const Check check = comparison_of(of_maxima({20, 21, 22}), of_maxima({500, 510, 520}), "max", 0.5);
  EXPECT_EQ(check.verdict, VerdictKind::inconclusive);
  EXPECT_EQ(check.replicates_needed, 4U);
  EXPECT_FALSE(check.samples_needed);
  EXPECT_FALSE(check.interval);
  EXPECT_EQ(check.why,
            "3 replicates against 3 of generic: no exact interval at 95 % confidence, which takes 4 "
            "replicates of each: 4 "
            "replicates of each would decide");
}

TEST(ReplicateCompare, OneAgainstOneDecidesNothing) {
  EXPECT_EQ(comparison_of(of_maxima({20}), of_maxima({500}), "max", 0.5).replicates_needed, 4U);
}

TEST(ReplicateCompare, FourAgainstFourDecideWhatIsClear) {
  const Boots generic = of_maxima({500, 510, 520, 530});
  const Check pass = comparison_of(of_maxima({50, 51, 52, 53}), generic, "max", 0.5);
  EXPECT_EQ(pass.verdict, VerdictKind::pass);
  ASSERT_TRUE(pass.interval);
  EXPECT_NEAR(*pass.seen, 0.1, 0.001);
  EXPECT_NEAR(pass.interval->low, 50.0 / 530, 1e-9);
  EXPECT_NEAR(pass.interval->high, 53.0 / 500, 1e-9);
  EXPECT_EQ(pass.why,
            "max is 0.1 of generic's by the median of replicates, from 0.09434 to 0.106 at 95 % confidence "
            "(4 replicates against 4), 0.5 "
            "allowed");
  EXPECT_EQ(comparison_of(of_maxima({300, 301, 302, 303}), generic, "max", 0.5).verdict, VerdictKind::fail);
}

TEST(ReplicateCompare, SaysHowManyBootsWouldDecideWhatOverlaps) {
  const Check check =
      comparison_of(of_maxima({200, 230, 250, 300}), of_maxima({500, 510, 520, 530}), "max", 0.5);
  EXPECT_EQ(check.verdict, VerdictKind::inconclusive);
  ASSERT_TRUE(check.replicates_needed);
  EXPECT_GT(*check.replicates_needed, 4U);
  EXPECT_TRUE(check.interval);
}

TEST(ReplicateCompare, TakesUnequalNumbersAndTies) {
  EXPECT_EQ(comparison_of(of_maxima({50, 50, 50}), of_maxima({500, 500, 510, 520, 530}), "max", 0.5).verdict,
            VerdictKind::pass);
  EXPECT_EQ(comparison_of(of_maxima({50, 50, 50, 50}), of_maxima({50, 50, 50, 50}), "max", 1.0).verdict,
            VerdictKind::pass)
      << "equal is at most";
  EXPECT_EQ(comparison_of(of_maxima({50, 50, 50, 50}), of_maxima({50, 50, 50, 50}), "max", 0.99).verdict,
            VerdictKind::fail);
}

TEST(ReplicateCompare, AsksForStimuliWhereABootDoesNotResolveTheQuantile) {
  const Check check = comparison_of(alike(4, 298, 0), alike(4, 300, 0), "p99", 2);
  EXPECT_EQ(check.verdict, VerdictKind::inconclusive);
  EXPECT_EQ(check.samples_needed, 299U);
  EXPECT_FALSE(check.replicates_needed);
  EXPECT_EQ(comparison_of(alike(4, 299, 0), alike(4, 300, 0), "p99", 2).verdict, VerdictKind::pass);
}

TEST(ReplicateCompare, HoldsNoMaximaOfUnequalSamplesAgainstEachOther) {
  const Check check = comparison_of(alike(4, 300, 0), alike(4, 3'000, 0), "max", 2);
  EXPECT_EQ(check.verdict, VerdictKind::inconclusive);
  EXPECT_EQ(check.why,
            "a max of 3,000 stimuli can't be held against one of 300: measure as many in each replicate");
  EXPECT_EQ(comparison_of(alike(4, 300, 0), alike(4, 3'000, 0), "p99", 2).verdict, VerdictKind::pass);
}

TEST(ReplicateCompare, IsNoPassWithoutAllBootsOfTheOther) {
  const UnmeasuredCell lost{"generic.mixed.5", "invalid", "the board throttled"};
  const Verdict verdict = verdict_of({{"generic", "mixed", of_maxima({500, 510, 520, 530}), {lost}},
                                      {"rt", "mixed", of_maxima({50, 51, 52, 53})}},
                                     compare("max", 0.5));
  EXPECT_EQ(verdict.verdict, VerdictKind::invalid);
  EXPECT_EQ(verdict.checks[1].verdict, VerdictKind::invalid);
  EXPECT_THAT(verdict.checks[1].why, HasSubstr("the board throttled"));
  EXPECT_EQ(
      comparison_of({{20'000, never_answered}, {1, 2}, {1, 2}, {1, 2}}, of_maxima({5, 5, 5, 5}), "max", 2)
          .verdict,
      VerdictKind::inconclusive);
  EXPECT_EQ(comparison_of(Boots(4, {5'000, 5'000}), of_maxima({5, 5, 5, 5}), "jitter", 2).verdict,
            VerdictKind::invalid)
      << "a spread of 0 has no ratio";
}

TEST(ReplicateBaseline, IsBootsAgainstBootsOfTheSameBoard) {
  const Policy policy = make_policy(baseline_rule("max", 1.1), wall_policy_head);
  const Comparison run = make_wall_statistics({{"rt", "mixed", of_maxima({50, 51, 52, 53})}});
  const Boots faster = of_maxima({20, 21, 22, 23});
  Baseline baseline{"yesterday", make_wall_statistics({{"rt", "mixed", faster}})};
  auto verdict = evaluate(run, policy, baseline);
  ASSERT_TRUE(verdict) << verdict.error().what;
  EXPECT_EQ(verdict->checks[0].verdict, VerdictKind::fail);
  EXPECT_THAT(verdict->checks[0].why, HasSubstr("of the baseline's by the median of replicates"));
  baseline.comparison = make_wall_statistics({{"rt", "mixed", of_maxima({50, 51, 53})}});
  verdict = evaluate(run, policy, baseline);
  EXPECT_EQ(verdict->checks[0].verdict, VerdictKind::inconclusive);
  baseline.comparison.board = {"jetson-nano", "board-5"};
  verdict = evaluate(run, policy, baseline);
  ASSERT_FALSE(verdict);
  EXPECT_THAT(verdict.error().what, HasSubstr("the baseline's board is jetson-nano"));
}

TEST(ReplicateBaseline, NeverMeetsVirtualTime) {
  const Comparison board = make_wall_statistics({{"rt", "mixed", of_maxima({50, 51, 52, 53})}});
  Comparison bench = make_statistics({{"rt", "mixed", {20'000, 30'000}}});
  bench.board = board.board;  // and if everything else were the same
  auto verdict =
      evaluate(board, make_policy(baseline_rule("max", 9), wall_policy_head), Baseline{"bench", bench});
  ASSERT_FALSE(verdict);
  EXPECT_EQ(verdict.error().kind, ErrorKind::usage);
  EXPECT_THAT(verdict.error().what, HasSubstr("the baseline's time base is virtual, and this run's is wall"));
  verdict = evaluate(bench, make_policy(baseline_rule("max", 9)), Baseline{"board", board});
  ASSERT_FALSE(verdict);
  EXPECT_THAT(verdict.error().what, HasSubstr("the baseline's time base is wall, and this run's is virtual"));
  verdict = evaluate(board, make_policy(budget("max_us = 100")), {});
  ASSERT_FALSE(verdict);
  EXPECT_THAT(verdict.error().what, HasSubstr("is a policy for virtual time, and this run is of wall time"));
}

// What is counted is the policy's to say: the same evidence by samples is a PASS.
TEST(Count, OfReplicatesInVirtualTimeJudgesEach) {
  const std::vector<MadeUpReplicates> four = {{"rt", "mixed", alike(4, 1'000, 4)}};
  const Comparison run = testing::make_virtual_statistics(four);
  const std::string rules = budget("p99_us = 100");
  EXPECT_EQ(evaluate(run, make_policy(rules), {})->verdict, VerdictKind::pass);
  const auto by_replicates = evaluate(run, make_policy("count = \"replicates\"\n" + rules), {});
  ASSERT_TRUE(by_replicates) << by_replicates.error().what;
  EXPECT_EQ(by_replicates->verdict, VerdictKind::inconclusive);
  EXPECT_EQ(by_replicates->checks[0].replicates_needed, 5U);
}

TEST(Count, OfSamplesIsRefusedOnABoard) {
  const Comparison run = make_wall_statistics({{"rt", "mixed", alike(5, 10, 0)}});
  const auto verdict =
      evaluate(run, make_policy("count = \"samples\"\n" + budget("max_us = 100"), wall_policy_head), {});
  ASSERT_FALSE(verdict);
  EXPECT_EQ(verdict.error().kind, ErrorKind::usage);
  EXPECT_THAT(verdict.error().what, HasSubstr("counts samples, and this run is of a board"));
}

TEST(Evidence, ThatWasReadBackHasNoSamplesToJudge) {
  const auto read =
      parse_comparison(to_json(make_wall_statistics({{"rt", "mixed", alike(5, 10, 0)}})), "c.json");
  ASSERT_TRUE(read) << read.error().what;
  const auto verdict = evaluate(*read, make_policy(budget("max_us = 100"), wall_policy_head), {});
  ASSERT_TRUE(verdict) << verdict.error().what;
  EXPECT_EQ(verdict->verdict, VerdictKind::invalid);
  EXPECT_EQ(verdict->checks[0].why, "its samples were not read");
}

}  // namespace
}  // namespace loopgate::replicate_checks_test
