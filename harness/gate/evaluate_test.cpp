#include "gate/evaluate.h"

#include <gmock/gmock.h>

#include <cmath>

#include "gate/checks.h"
#include "gate/confidence.h"
#include "gate/testing/made_up_run.h"
#include "record/testing/recorded_run.h"

namespace loopgate::evaluate_test {
namespace {

using ::testing::HasSubstr;
using testing::latencies_with;
using testing::make_policy;
using testing::make_statistics;
using testing::make_virtual_statistics;
using testing::never_answered;
using testing::not_sent;
using testing::refusal;
using ::testing::StartsWith;

std::string budget(const std::string& limits, const std::string& kernel = "rt",
                   const std::string& load = "mixed") {
  return "[[budget]]\nkernel = \"" + kernel + "\"\nload = \"" + load + "\"\n" + limits + "\n";
}

std::string compare(const std::string& quantity, double ratio) {
  return "[[compare]]\nkernel = \"rt\"\nagainst = \"generic\"\nload = \"mixed\"\nquantity = \"" + quantity +
         "\"\nmax_ratio = " + std::to_string(ratio) + "\n";
}

// The first check of a run with one kernel "rt" under load "mixed".
Check check_of(const std::vector<std::int64_t>& latencies, const std::string& limits) {
  const auto verdict =
      evaluate(make_statistics({{"rt", "mixed", latencies}}), make_policy(budget(limits)), {});
  EXPECT_TRUE(verdict) << verdict.error().what;
  return verdict ? verdict->checks.at(0) : Check{};
}

TEST(MaximumBudget, PassesWhenNoneIsAbove) {
  const Check check = check_of(latencies_with(10'000, 0), "max_us = 20");
  EXPECT_EQ(check.verdict, VerdictKind::pass);
  EXPECT_EQ(check.limit, 20'000);
  EXPECT_EQ(check.seen, 20'000);
  EXPECT_EQ(check.why, "0 of 10,000 stimuli exceeded 20 us: at most 0.03 % at 95 % confidence");
}

TEST(MaximumBudget, FailsForASingleOneAbove) {
  std::vector<std::int64_t> latencies = latencies_with(10'000, 0);
  latencies[77] = 20'001;
  const Check check = check_of(latencies, "max_us = 20");
  EXPECT_EQ(check.verdict, VerdictKind::fail);
  EXPECT_EQ(check.why, "1 of 10,000 stimuli exceeded 20 us");
}

TEST(MaximumBudget, AnUnansweredStimulusIsAboveEveryLimit) {
  const Check check = check_of({20'000, never_answered, 20'000}, "max_us = 60000000\nunanswered = 1");
  EXPECT_EQ(check.verdict, VerdictKind::fail);
  EXPECT_THAT(check.why, HasSubstr("(0 not sent, 1 unanswered)"));
}

// p99 at 100 us is: at most 1 % above. Of 1,000, 4 above give an upper bound of 0.91 %; 17 a lower one
// of 1.09 %.
TEST(QuantileBudget, PassesFailsOrAsksForMore) {
  EXPECT_EQ(check_of(latencies_with(1'000, 4), "p99_us = 100").verdict, VerdictKind::pass);
  const Check open = check_of(latencies_with(1'000, 8), "p99_us = 100");
  EXPECT_EQ(open.verdict, VerdictKind::inconclusive);
  ASSERT_TRUE(open.samples_needed);
  EXPECT_GT(*open.samples_needed, 1'000U);
  EXPECT_EQ(check_of(latencies_with(1'000, 17), "p99_us = 100").verdict, VerdictKind::fail);
}

TEST(QuantileBudget, IsInconclusiveWithTooFewToResolve) {
  for (const auto& [limit, needed] :
       {std::pair("p99_us = 100", 299U), {"p99_9_us = 100", 2'995U}, {"p99_99_us = 100", 29'956U}}) {
    const Check check = check_of(latencies_with(needed - 1, 0), limit);
    EXPECT_EQ(check.verdict, VerdictKind::inconclusive) << limit;
    EXPECT_EQ(check.samples_needed, needed);
    EXPECT_EQ(check_of(latencies_with(needed, 0), limit).verdict, VerdictKind::pass) << limit;
  }
}

TEST(QuantileBudget, FailsWithFewWhenTheyAreClear) {
  EXPECT_EQ(check_of(latencies_with(10, 5), "p99_us = 100").verdict, VerdictKind::fail);
}

TEST(QuantileBudget, CountsUnansweredAndNotSentAsAbove) {
  std::vector<std::int64_t> latencies = latencies_with(300, 0);
  EXPECT_EQ(check_of(latencies, "p99_us = 100").verdict, VerdictKind::pass);
  latencies[100] = never_answered;
  EXPECT_EQ(check_of(latencies, "p99_us = 100").verdict, VerdictKind::inconclusive);
  latencies[100] = 9'950'000;  // ten are not sent behind it, and would have waited 8.95 ms and less
  for (std::size_t i = 101; i < 110; ++i) latencies[i] = not_sent;
  const Check check = check_of(latencies, "p99_us = 100");
  EXPECT_EQ(check.verdict, VerdictKind::inconclusive) << "it is one event";
  EXPECT_THAT(check.why,
              HasSubstr("10 of 300 stimuli exceeded 100 us (9 not sent, 0 unanswered) (slow ones come in"));
}

// Wilks: 59 of which none exceeded show 5 %.
TEST(FactBudget, OfTooFewStimuliPassesNothingAndSaysHowManyWould) {
  const auto judged = [](std::size_t count, std::size_t above, const std::string& more) {
    std::string head = testing::policy_head;
    head.replace(head.find("min_stimuli = 1\n"), 16, "");
    const Policy policy = make_policy(more, head);
    return evaluate(make_statistics({{"rt", "mixed", latencies_with(count, above)}}), policy, {}).value();
  };
  const std::string rule = "[[budget]]\nkernel = \"*\"\nload = \"*\"\n";
  for (const char* limit :
       {"max_us = 100", "jitter_us = 100", "late = 0", "not_sent = 0", "unanswered = 0"}) {
    EXPECT_EQ(judged(59, 0, rule + limit).verdict, VerdictKind::pass) << limit;
    const Verdict few = judged(58, 0, rule + limit);
    EXPECT_EQ(few.verdict, VerdictKind::inconclusive) << limit;
    EXPECT_EQ(few.checks.front().samples_needed, 59U);
    EXPECT_THAT(few.checks.front().why, HasSubstr("59 stimuli in all would do (min_stimuli)"));
  }
  EXPECT_EQ(judged(1, 1, rule + "max_us = 100").verdict, VerdictKind::fail) << "one is enough for that";
  EXPECT_EQ(judged(3, 0, "min_stimuli = 3\n" + rule + "max_us = 100").verdict, VerdictKind::pass);
  EXPECT_EQ(judged(3, 0, "min_stimuli = 4\n" + rule + "max_us = 100").verdict, VerdictKind::inconclusive);
}

TEST(FactBudget, OfReplicatesIsOfAllTheirStimuli) {
  const Policy policy =
      make_policy("min_stimuli = 52\n[[budget]]\nkernel = \"*\"\nload = \"*\"\nmax_us = 100\n",
                  "title = \"t\"\nsuite = \"irq-to-gpio\"\ntime_base = \"wall\"\n");
  const auto judged = [&](std::size_t each) {
    return evaluate(testing::make_wall_statistics({{"rt", "mixed", std::vector(5, latencies_with(each, 0))}}),
                    policy, {})
        .value();
  };
  EXPECT_EQ(judged(11).verdict, VerdictKind::pass);
  EXPECT_EQ(judged(10).verdict, VerdictKind::inconclusive);
  EXPECT_EQ(judged(10).checks.front().samples_needed, 11U) << "in each replicate";
}

TEST(CountBudget, OfWrongDecisionsWhereNoneAreMadeIsTheUsersMistake) {
  for (const char* limit : {"wrong = 0", "wrong_frame = 0", "max_wrong_fraction = 0.1"}) {
    const Policy policy =
        make_policy(std::string("[[budget]]\nkernel = \"rt\"\nload = \"*\"\nmax_us = 100\n") + limit + "\n");
    Comparison run = make_statistics({{"rt", "mixed", latencies_with(100, 0)}});
    EXPECT_EQ(testing::refusal(run, policy),
              std::string("p.toml: the budget of kernel rt under load *: ") + limit +
                  ": this suite's responses carry no decision, which could be wrong");
    run.has_decisions = true;
    EXPECT_EQ(testing::refusal(run, policy), "accepted") << "one that failed to be measured is no mistake";
  }
}

// The one that is not sent would have waited 50 us only.
TEST(QuantileBudget, CountsANotSentByWhatItWouldHaveSeen) {
  const Check check = check_of({1'050'000, not_sent, 20'000}, "max_us = 1050");
  EXPECT_EQ(check.verdict, VerdictKind::pass);
  EXPECT_THAT(check_of({1'050'000, not_sent, 20'000}, "max_us = 100").why,
              HasSubstr("1 of 3 stimuli exceeded 100 us"));
}

TEST(ExceedBudget, IsTheQuantileBudgetByAnotherName) {
  for (const std::size_t above : {0U, 4U, 8U, 17U}) {
    const auto latencies = latencies_with(1'000, above);
    const Check exceed = check_of(latencies, "exceed = { over_us = 100, max_fraction = 0.01 }");
    EXPECT_EQ(exceed.verdict, check_of(latencies, "p99_us = 100").verdict);
    EXPECT_EQ(exceed.unit, "share");
    EXPECT_EQ(*exceed.seen, static_cast<double>(above) / 1'000);
  }
}

// 12 of 10,000 above 100 us are at most 0.19 % of all, if each stimulus is a draw by itself.
TEST(ExceedBudget, OfPooledReplicatesHoldsWhereExceedancesDoNotGather) {
  const std::string limit = budget("exceed = { over_us = 100, max_fraction = 0.002 }");
  std::vector<std::vector<std::int64_t>> replicates(8, latencies_with(1'250, 1));
  for (std::size_t i = 0; i < 4; ++i) replicates[i] = latencies_with(1'250, 2);
  const auto spread =
      evaluate(make_virtual_statistics({{"rt", "mixed", replicates}}), make_policy(limit), {});
  EXPECT_EQ(spread->verdict, VerdictKind::pass) << spread->checks[0].why;
  replicates.assign(8, latencies_with(1'250, 0));
  replicates[3] = latencies_with(1'250, 12);
  const auto one = evaluate(make_virtual_statistics({{"rt", "mixed", replicates}}), make_policy(limit), {});
  EXPECT_EQ(one->verdict, VerdictKind::inconclusive);
  EXPECT_THAT(one->checks[0].why, HasSubstr("12 of them in one of 8 replicates (by chance in"));
}

// One replicate of eight is slow all the time: that gathers in one, and is no PASS of all for it.
TEST(ExceedBudget, AReplicateThatIsAllSlowIsNoPass) {
  std::vector<std::vector<std::int64_t>> replicates(8, latencies_with(1'250, 0));
  replicates[3] = latencies_with(1'250, 1'250);
  for (const char* limit : {"p99_us = 50", "exceed = { over_us = 100, max_fraction = 0.01 }"}) {
    const auto run =
        evaluate(make_virtual_statistics({{"rt", "mixed", replicates}}), make_policy(budget(limit)), {});
    EXPECT_EQ(run->verdict, VerdictKind::inconclusive) << run->checks[0].why;
    EXPECT_THAT(run->checks[0].why, HasSubstr("1,250 of them in one of 8 replicates"));
  }
}

// 12 slow stimuli in three bursts say as much as three or four.
TEST(ExceedBudget, BurstsSayLessThanAsManyByThemselves) {
  const auto policy = make_policy(budget("exceed = { over_us = 100, max_fraction = 0.002 }"));
  std::vector<std::vector<std::int64_t>> bursts(8, latencies_with(1'250, 0));
  auto alone = bursts;
  for (std::size_t i = 0; i < 3; ++i) std::fill_n(bursts[2 * i].begin() + 600, 4, 200'000);
  for (std::size_t i = 0; i < 12; ++i) alone[i % 8][500 + 60 * (i / 8)] = 200'000;
  EXPECT_EQ(evaluate(make_virtual_statistics({{"rt", "mixed", alone}}), policy, {})->verdict,
            VerdictKind::pass);
  const auto of_bursts = evaluate(make_virtual_statistics({{"rt", "mixed", bursts}}), policy, {});
  EXPECT_EQ(of_bursts->verdict, VerdictKind::inconclusive) << of_bursts->checks[0].why;
  EXPECT_THAT(of_bursts->checks[0].why, HasSubstr("(slow ones come in clusters: 4 count as one)"));
}

TEST(CountBudgets, HoldCountsAgainstTheirLimits) {
  const std::vector<std::int64_t> latencies = {2'500'000, not_sent, not_sent, 20'000, never_answered};
  EXPECT_EQ(check_of(latencies, "late = 1").verdict, VerdictKind::pass);
  EXPECT_EQ(check_of(latencies, "late = 0").verdict, VerdictKind::fail);
  EXPECT_EQ(check_of(latencies, "late = 0").why, "1 of 5 stimuli late, 0 allowed");
  EXPECT_EQ(check_of(latencies, "late = 2").why, "1 of 5 stimuli late, 2 allowed, which are 40 % of all");
  EXPECT_EQ(check_of(latencies, "late = 5").why, "1 of 5 stimuli late, 5 allowed, which are all");
  EXPECT_EQ(check_of(std::vector<std::int64_t>(101, 20'000), "late = 1").why,
            "0 of 101 stimuli late, 1 allowed");
  EXPECT_EQ(check_of(latencies, "not_sent = 2").verdict, VerdictKind::pass);
  EXPECT_EQ(check_of(latencies, "not_sent = 1").verdict, VerdictKind::fail);
  EXPECT_EQ(check_of(latencies, "unanswered = 1").verdict, VerdictKind::pass);
  EXPECT_EQ(check_of(latencies, "unanswered = 0").verdict, VerdictKind::fail);
}

// Nothing shows that it was the kernel, on a bench whose bare wire loses edges, too.
class LostOnTheWire : public ::testing::Test {
 protected:
  // Of `rules`, where the stimuli 3 and 4 have no answer, and `waited` more fell due meanwhile.
  static Check judged(const std::string& rules, const LostEdges& lost, std::size_t waited = 0,
                      std::vector<std::int64_t> latencies = latencies_with(10'000, 0),
                      const std::vector<std::uint64_t>& waits = {}) {
    std::fill_n(latencies.begin() + 3, 2 + waited, never_answered);
    auto run = make_statistics({{"rt", "mixed", latencies}});
    run.groups[0].lost_edges = run.groups[0].replicates[0].lost_edges = lost;
    run.groups[0].replicates[0].waited_in_vain = waits.empty() ? std::vector<std::uint64_t>{waited} : waits;
    const auto verdict = evaluate(run, make_policy(budget(rules)), {});
    EXPECT_TRUE(verdict) << verdict.error().what;
    return verdict ? verdict->checks.at(0) : Check{};
  }
  static constexpr LostEdges both_{10'000, 9'998, 0, 200, 0};
};

TEST_F(LostOnTheWire, IsNotTheKernelsFault) {
  const auto unanswered = [&](const LostEdges& lost) { return judged("unanswered = 0", lost); };
  EXPECT_EQ(unanswered({10'000, 9'998, 0, 0, 0}).verdict, VerdictKind::fail) << "a virtual wire";
  EXPECT_EQ(unanswered(both_).verdict, VerdictKind::inconclusive)
      << "0 of 200 do not show that it loses less than 2 of 10,000";
  EXPECT_EQ(unanswered({10'000, 9'998, 0, 100'000, 0}).verdict, VerdictKind::fail) << "0 of 100,000 do";
  EXPECT_EQ(unanswered({10'000, 9'999, 0, 200, 2}).verdict, VerdictKind::fail) << "one came";
  const Check of_the_wire = unanswered({10'000, 9'998, 0, 200, 2});
  EXPECT_EQ(of_the_wire.verdict, VerdictKind::inconclusive);
  EXPECT_THAT(
      of_the_wire.why,
      HasSubstr("2 of them never came to the payload, and the bare wire may lose as many: 2 of 200 edges"));
}

TEST_F(LostOnTheWire, AnAnswerThatNeverCameBackIsNotTheKernelsFaultEither) {
  const Check back = judged("unanswered = 0", {10'000, 9'999, 0, 200, 2, 1});
  EXPECT_EQ(back.verdict, VerdictKind::inconclusive) << back.why;
  EXPECT_THAT(back.why,
              HasSubstr("1 of them never came to the payload, 1 had an answer that never came to the "
                        "instrument, and the bare wire"));
}

// They are above every limit, and are the only ones that are.
TEST_F(LostOnTheWire, BreaksNoMaximumQuantileSpreadOrShareEither) {
  for (const char* rules : {"max_us = 100", "jitter_us = 100",
                            "exceed = { over_us = 100, max_fraction = 0.00001 }", "p99_99_us = 100"}) {
    std::vector<std::int64_t> few = latencies_with(10'000, 0);
    const Check check = judged(rules, both_, 30, few);
    EXPECT_EQ(check.verdict, VerdictKind::inconclusive) << rules << check.why;
    EXPECT_EQ(judged(rules, {10'000, 9'998, 0, 100'000, 0}, 30, few).verdict, VerdictKind::fail)
        << rules << ": that wire does not lose so many";
    few[9'000] = few[9'100] = few[9'200] = few[9'300] = few[9'400] = few[9'500] = 200'000;
    EXPECT_EQ(judged(rules, both_, 30, few).verdict, VerdictKind::fail)
        << rules << ": others are above it, too";
  }
}

// A timeout is longer than the time between two stimuli.
TEST_F(LostOnTheWire, IsWhatFellDueWhileItWasWaitedFor) {
  const Check check = judged("unanswered = 0", both_, 30);
  EXPECT_EQ(check.verdict, VerdictKind::inconclusive) << check.why;
  EXPECT_THAT(check.why,
              HasSubstr("2 of them never came to the payload, 30 fell due while one was waited for"));
  EXPECT_EQ(judged("unanswered = 0", {10'000, 9'999, 0, 200, 0}, 30).verdict, VerdictKind::fail)
      << "one of the two came, and had no answer";
}

// The wire lost one of the two, and the kernel let the others wait behind the other.
TEST_F(LostOnTheWire, ExplainsNoMoreWaitingThanBehindAsManyAsItLost) {
  const LostEdges one{10'000, 9'999, 0, 200, 0};
  const std::vector<std::int64_t> latencies = latencies_with(10'000, 0);
  EXPECT_EQ(judged("unanswered = 4", one, 30, latencies, {27, 3}).verdict, VerdictKind::inconclusive);
  EXPECT_EQ(judged("unanswered = 4", one, 30, latencies, {15, 15}).verdict, VerdictKind::fail);
}

// On a board whose known-good kernel lost answers after the last cell nothing shows that this one did.
TEST(BrokenBench, BlamesNoKernelForWhatWasNotAnswered) {
  std::vector<std::int64_t> latencies = latencies_with(1'000, 0);
  latencies[3] = never_answered;
  Comparison run = make_statistics({{"rt", "mixed", latencies}});
  const auto judged = [&](const std::string& rules) { return evaluate(run, make_policy(budget(rules)), {}); };
  EXPECT_EQ(judged("unanswered = 0")->verdict, VerdictKind::fail);
  run.bench_trusted = false;
  const auto verdict = judged("unanswered = 0");
  EXPECT_EQ(verdict->verdict, VerdictKind::inconclusive);
  EXPECT_THAT(verdict->checks[0].why,
              HasSubstr("the bench was not found sound after the last cell, and 1 had no answer"));
  EXPECT_THAT(verdict->remarks, ::testing::Contains(HasSubstr("was not found sound after the last cell")));
  EXPECT_EQ(judged("unanswered = 1\nmax_us = 1")->verdict, VerdictKind::fail)
      << "answers that came are too late all the same";
}

TEST(JitterBudget, IsTheSpread) {
  EXPECT_EQ(check_of({20'000, 30'000}, "jitter_us = 10").verdict, VerdictKind::pass);
  EXPECT_EQ(check_of({20'000, 30'001}, "jitter_us = 10").verdict, VerdictKind::fail);
  EXPECT_EQ(check_of({20'000, never_answered}, "jitter_us = 10").verdict, VerdictKind::fail);
  EXPECT_EQ(check_of({20'000}, "jitter_us = 10").verdict, VerdictKind::inconclusive) << "it has none";
}

TEST(Unanswered, IsCheckedForEveryGatedGroup) {
  const auto verdict = evaluate(make_statistics({{"rt", "mixed", {never_answered, 20'000}}}),
                                make_policy(budget("late = 0")), {});
  ASSERT_EQ(verdict->checks.size(), 2U);
  EXPECT_EQ(verdict->checks[1].quantity, "unanswered");
  EXPECT_EQ(verdict->verdict, VerdictKind::fail);
  const auto allowed = evaluate(make_statistics({{"rt", "mixed", {never_answered, 20'000}}}),
                                make_policy(budget("late = 0\nunanswered = 1")), {});
  EXPECT_EQ(allowed->checks.size(), 2U);
  EXPECT_EQ(allowed->verdict, VerdictKind::pass);
}

// Each of these rules is kept by nothing at all.
TEST(NothingToJudge, IsNeverAPassWhateverThePolicySays) {
  const std::vector<std::int64_t> silent = {never_answered, never_answered, never_answered};
  for (const char* rules :
       {"late = 0", "unanswered = 3", "not_sent = 0\nunanswered = 1000", "late = 0\nunanswered = 3",
        "max_us = 1", "exceed = { over_us = 100, max_fraction = 0.5 }\nunanswered = 3"}) {
    const auto verdict = evaluate(make_statistics({{"rt", "mixed", silent}}), make_policy(budget(rules)), {});
    EXPECT_EQ(verdict->verdict, VerdictKind::invalid) << rules;
    EXPECT_EQ(verdict->checks[0].why, "rt.mixed: none of its 3 counted stimuli was answered");
  }
}

// The others answered, and pooled they would hide it.
TEST(NothingToJudge, IsSoOfASingleReplicate) {
  Comparison run = make_statistics({{"rt", "mixed", {20'000, 30'000}}});
  GroupEvidence& group = run.groups[0];
  group.replicates.push_back(group.replicates[0]);
  group.replicates[1].cell = "rt.mixed.2";
  group.replicates[1].counts.count = 0;
  const auto broken = evaluate(run, make_policy(budget("max_us = 1\njitter_us = 1")), {});
  EXPECT_EQ(broken->verdict, VerdictKind::invalid) << "and no limit that the others break";
  const auto verdict = evaluate(run, make_policy(budget("unanswered = 5")), {});
  EXPECT_EQ(verdict->verdict, VerdictKind::invalid);
  EXPECT_THAT(verdict->checks[0].why, HasSubstr("rt.mixed.2: none of its"));
}

TEST(NothingToJudge, IsSoWhereAWarmUpStimulusHadNoAnswer) {
  Comparison run = make_statistics({{"rt", "mixed", {20'000, 30'000}}});
  run.groups[0].replicates[0].counts.unanswered_warm_up = 1;
  const auto verdict = evaluate(run, make_policy(budget("unanswered = 5")), {});
  EXPECT_EQ(verdict->verdict, VerdictKind::invalid);
  EXPECT_THAT(verdict->checks[0].why, HasSubstr("1 of its 1 warm-up stimuli had no answer"));
}

// Four replicates of each, which spread by a tenth.
Comparison two_kernels() {
  return make_virtual_statistics(
      {{"generic", "mixed", {{100'000, 90'000}, {98'000, 91'000}, {104'000, 92'000}, {102'000, 93'000}}},
       {"rt", "mixed", {{40'000, 30'000}, {39'000, 31'000}, {41'000, 32'000}, {42'000, 33'000}}}});
}

TEST(Compare, IsOfReplicatesOnVirtualTimeToo) {
  const Comparison run = two_kernels();
  const auto within = evaluate(run, make_policy(compare("max", 0.5)), {});
  EXPECT_EQ(within->verdict, VerdictKind::pass);
  EXPECT_EQ(within->checks[0].against, "generic");
  EXPECT_THAT(within->checks[0].why, HasSubstr("(4 replicates against 4), 0.5 allowed"));
  ASSERT_TRUE(within->checks[0].interval);
  EXPECT_LT(within->checks[0].interval->low, *within->checks[0].seen);
  EXPECT_EQ(evaluate(run, make_policy(compare("max", 0.3)), {})->verdict, VerdictKind::fail);
  EXPECT_EQ(evaluate(run, make_policy(compare("max", *within->checks[0].seen)), {})->verdict,
            VerdictKind::inconclusive);
}

TEST(Compare, OfASingleTrajectoryIsInconclusive) {
  const Comparison run = make_statistics({{"generic", "mixed", {100'000}}, {"rt", "mixed", {20'000}}});
  const auto verdict = evaluate(run, make_policy(compare("max", 0.5)), {});
  EXPECT_EQ(verdict->verdict, VerdictKind::inconclusive);
  EXPECT_EQ(
      verdict->checks[0].why,
      "1 replicate against 1 of generic: no exact interval at 95 % confidence, which takes 4 replicates of "
      "each: 4 replicates of each would decide");
  EXPECT_EQ(verdict->checks[0].replicates_needed, 4U);
}

// One rule alone would fail this with 4 replicates of each, whose order has a chance of 1 in 70.
TEST(Compare, FailsOnlyWhereAllQuestionsTogetherKeepTheConfidence) {
  const Comparison run = two_kernels();
  EXPECT_EQ(evaluate(run, make_policy(compare("max", 0.3)), {})->questions, 1U);
  const auto two = evaluate(run, make_policy(compare("max", 0.3) + compare("mean", 1)), {});
  EXPECT_EQ(two->questions, 2U);
  EXPECT_EQ(two->checks[0].verdict, VerdictKind::inconclusive);
  EXPECT_THAT(two->checks[0].why, HasSubstr("above it, but not at the 97.5 % confidence"));
  EXPECT_EQ(two->checks[0].replicates_needed, 5U);
  EXPECT_EQ(two->checks[1].verdict, VerdictKind::pass) << "a PASS is each rule's own";
}

TEST(Compare, RefusesQuantilesThatAReplicateDoesNotResolve) {
  const std::vector<std::vector<std::int64_t>> enough(4, latencies_with(299, 0));
  std::vector<std::vector<std::int64_t>> few = enough;
  few[2] = latencies_with(298, 0);
  const Comparison run = make_virtual_statistics({{"generic", "mixed", enough}, {"rt", "mixed", few}});
  for (const auto& [quantity, needed] : {std::pair("p99", 299U), {"mean_above_p99_5", 598U}}) {
    const auto verdict = evaluate(run, make_policy(compare(quantity, 2)), {});
    EXPECT_EQ(verdict->verdict, VerdictKind::inconclusive) << quantity;
    EXPECT_EQ(verdict->checks[0].samples_needed, needed);
  }
  EXPECT_EQ(evaluate(run, make_policy(compare("p90", 2)), {})->verdict, VerdictKind::pass);
}

TEST(Compare, IsNoPassWithoutWhatItComparesWith) {
  const UnmeasuredCell lost{"generic.mixed", "invalid", "the load did not run"};
  const auto verdict =
      evaluate(make_statistics({{"generic", "mixed", {}, {lost}}, {"rt", "mixed", {20'000}}}),
               make_policy(compare("max", 0.5)), {});
  EXPECT_EQ(verdict->verdict, VerdictKind::invalid);
  EXPECT_EQ(verdict->checks[1].verdict, VerdictKind::invalid);
  EXPECT_THAT(verdict->checks[1].why, HasSubstr("the load did not run"));
  const auto unanswered = evaluate(
      make_statistics({{"generic", "mixed", {20'000, never_answered}}, {"rt", "mixed", {20'000, 20'000}}}),
      make_policy(compare("max", 2)), {});
  EXPECT_EQ(unanswered->verdict, VerdictKind::inconclusive);
}

TEST(Groups, AKernelsFailureStandsBeforeTheBenchs) {
  const UnmeasuredCell panicked{"rt.mixed", "kernel_failed", "Kernel panic - not syncing\x1b[0m"};
  const UnmeasuredCell lost{"generic.mixed", "missing", ""};
  const auto verdict = evaluate(
      make_statistics({{"generic", "mixed", {}, {lost}}, {"rt", "mixed", {20'000}, {panicked, lost}}}),
      make_policy(budget("max_us = 100")), {});
  EXPECT_EQ(verdict->groups[0].verdict, VerdictKind::invalid);
  EXPECT_EQ(verdict->groups[1].verdict, VerdictKind::fail);
  EXPECT_EQ(verdict->verdict, VerdictKind::fail);
  EXPECT_EQ(exit_status(*verdict), 1);
  EXPECT_THAT(verdict->checks[1].why, HasSubstr("rt.mixed: kernel_failed: Kernel panic - not syncing [0m"));
}

TEST(Groups, AnInvalidCellIsNoPassOfTheOthers) {
  const UnmeasuredCell lost{"rt.mixed.2", "missing", "the cell was not finished"};
  const auto verdict =
      evaluate(make_statistics({{"rt", "mixed", {20'000}, {lost}}}), make_policy(budget("max_us = 100")), {});
  EXPECT_EQ(verdict->verdict, VerdictKind::invalid);
  EXPECT_EQ(verdict->checks.size(), 1U);
  EXPECT_EQ(exit_status(*verdict), 3);
}

TEST(Groups, InvalidStandsBeforeFailAndFailBeforeInconclusive) {
  const UnmeasuredCell lost{"other.mixed", "invalid", "x"};
  EXPECT_EQ(
      evaluate(make_statistics({{"rt", "mixed", latencies_with(10, 5)}, {"other", "mixed", {}, {lost}}}),
               make_policy(budget("max_us = 100")), {})
          ->verdict,
      VerdictKind::invalid);
  const auto fails = evaluate(make_statistics({{"rt", "mixed", latencies_with(10, 1)}}),
                              make_policy(budget("p99_9_us = 300", "*", "*") + budget("max_us = 100")), {});
  EXPECT_EQ(fails->checks[0].verdict, VerdictKind::inconclusive);
  EXPECT_EQ(fails->verdict, VerdictKind::fail);
}

TEST(Groups, WithoutACheckAreNotGated) {
  const auto verdict =
      evaluate(make_statistics({{"generic", "mixed", {never_answered, 20'000}}, {"rt", "mixed", {20'000}}}),
               make_policy(budget("max_us = 100")), {});
  EXPECT_EQ(verdict->groups[0].verdict, VerdictKind::not_gated);
  EXPECT_EQ(verdict->groups[1].verdict, VerdictKind::pass);
  EXPECT_EQ(verdict->verdict, VerdictKind::pass);
}

TEST(Groups, WithoutACellOrAStimulusAreInvalid) {
  Comparison run = make_statistics({{"rt", "mixed", {}}});
  EXPECT_EQ(evaluate(run, make_policy(budget("max_us = 100")), {})->verdict, VerdictKind::invalid);
  run = make_statistics({{"rt", "mixed", {20'000}}});
  run.groups[0].cells.clear();
  EXPECT_EQ(evaluate(run, make_policy(budget("max_us = 100")), {})->verdict, VerdictKind::invalid);
}

// 10,000 stimuli of 50 ns to 500 us, in steps of 50 ns: p99 is 495 us, and 83 of them may be slower than what
// it is shown to be at most.
TEST(Evaluate, ABudgetThatPassedHasItsInterval) {
  std::vector<std::int64_t> latencies;
  for (std::int64_t i = 1; i <= 10'000; ++i) latencies.push_back((i * 7'919 % 10'000 + 1) * 50);
  const Comparison run = make_statistics({{"rt", "mixed", latencies}});
  const auto verdict =
      evaluate(run, make_policy(budget("p99_us = 497\nexceed = { over_us = 499, max_fraction = 0.01 }")), {});
  ASSERT_TRUE(verdict);
  const Check& p99 = verdict->checks[0];
  ASSERT_EQ(p99.verdict, VerdictKind::pass) << p99.why;
  ASSERT_TRUE(p99.at_most);
  const auto above = static_cast<std::uint64_t>(10'000 - *p99.at_most / 50);
  EXPECT_LE(share_upper_bound(above, 10'000, 0.95), 0.01);
  EXPECT_GT(share_upper_bound(above + 1, 10'000, 0.95), 0.01) << "it is the least such latency";
  EXPECT_EQ(passed_text(p99, 0.95), "p99 495.0 us, at 95 % at most 495.9 us, limit 497 us, 10,000 stimuli");
  EXPECT_EQ(passed_text(verdict->checks[1], 0.95),
            "above 499 us 0.2 %, at 95 % at most 0.291 %, limit 1 %, 10,000 stimuli")
      << "0.29049 % is not at most 0.29 %";
  const auto failed = evaluate(run, make_policy(budget("p99_us = 400")), {});
  EXPECT_FALSE(failed->checks[0].at_most);
}

TEST(Evaluate, ABoundIsPrintedSoThatItHolds) {
  Check check;
  check.unit = "ns";
  check.quantity = "p99";
  check.limit = 2'000'000;
  check.seen = 40'000;
  for (const auto& [bound_ns, printed] : {std::pair(41'049, "41.1 us"),
                                          {41'000, "41.0 us"},
                                          {9'991, "10.0 us"},
                                          {999, "0.999 us"},
                                          {999'910, "1,000 us"},
                                          {1'000'001, "1,001 us"}}) {
    check.at_most = bound_ns;
    EXPECT_THAT(passed_text(check, 0.95), HasSubstr(std::string("at most ") + printed + ",")) << bound_ns;
  }
  check.unit = "share";
  check.seen = 0.001;
  check.limit = 1;
  for (const auto& [bound, printed] : {std::pair(0.0029049, "0.291 %"),
                                       {0.0029, "0.29 %"},
                                       {0.09991, "10 %"},
                                       {0.0000123401, "0.00124 %"}}) {
    check.at_most = bound;
    EXPECT_THAT(passed_text(check, 0.95), HasSubstr(std::string("at most ") + printed + ",")) << bound;
  }
}

// Eight replicates of which two alone have 30 of 50 to 60 us each, and every other latency is below 40 us: at
// the limit nothing gathers.
TEST(Evaluate, ABoundIsNotOfLatenciesAboveWhichAllGather) {
  std::vector<std::vector<std::int64_t>> replicates(8);
  for (std::size_t r = 0; r < replicates.size(); ++r) {
    for (std::int64_t i = 0; i < 1'250; ++i) replicates[r].push_back(20'000 + i * 7'919 % 1'250 * 16);
    for (std::size_t i = 0; r < 2 && i < 30; ++i)
      replicates[r][i * 41] = 50'000 + static_cast<std::int64_t>(2 * i + r) * 160;
  }
  const Comparison run = make_virtual_statistics({{"rt", "mixed", replicates}});
  const auto check = [&](const char* limit) {
    return evaluate(run, make_policy(budget(limit)), {})->checks.at(0);
  };
  EXPECT_EQ(check("p99_us = 50").verdict, VerdictKind::inconclusive) << check("p99_us = 50").why;
  const Check passed = check("p99_us = 100");
  ASSERT_EQ(passed.verdict, VerdictKind::pass) << passed.why;
  EXPECT_LT(*passed.seen, 40'000);
  ASSERT_TRUE(passed.at_most);
  EXPECT_GT(*passed.at_most, 50'000) << "the same data do not keep p99_us = 50";
  EXPECT_LE(*passed.at_most, 59'440) << "the largest is no more than the bound needs";
  const std::string at_bound = "p99_us = " + std::to_string((std::llround(*passed.at_most) + 999) / 1'000);
  EXPECT_EQ(check(at_bound.c_str()).verdict, VerdictKind::pass) << at_bound;
}

// 15 above 55 us in one of 8 replicates, and 60 of 45 to 46 us in the others: all 75 together are spread, but
// what is above 55 us is not, so that nothing below it is shown.
TEST(Evaluate, ABoundIsNotBelowOneThatDoesNotHold) {
  std::vector<std::vector<std::int64_t>> replicates(8);
  for (std::size_t r = 0; r < replicates.size(); ++r) {
    for (std::int64_t i = 0; i < 1'250; ++i) replicates[r].push_back(20'000 + i * 7'919 % 1'250 * 16);
    const std::size_t slow = r == 0 ? 15 : r < 5 ? 9 : 8;
    for (std::size_t i = 0; i < slow; ++i)
      replicates[r][i * 71] = (r == 0 ? 55'000 : 45'000) + static_cast<std::int64_t>(i * 8 + r) * 10;
  }
  const auto verdict = evaluate(make_virtual_statistics({{"rt", "mixed", replicates}}),
                                make_policy(budget("p99_us = 100")), {});
  const Check& check = verdict->checks.at(0);
  ASSERT_EQ(check.verdict, VerdictKind::pass) << check.why;
  ASSERT_TRUE(check.at_most);
  EXPECT_GT(*check.at_most, 55'000);
}

// 12 of 80,000, all in one of 8 replicates: each keeps 1 % by itself, and so do all together.
TEST(Evaluate, AShareThatGathersHasNoBoundOfAllTogether) {
  std::vector<std::vector<std::int64_t>> replicates(8, latencies_with(10'000, 0));
  for (std::size_t i = 0; i < 12; ++i) replicates[3][i * 500] = 200'000;
  const Comparison run = make_virtual_statistics({{"rt", "mixed", replicates}});
  const auto verdict =
      evaluate(run, make_policy(budget("exceed = { over_us = 100, max_fraction = 0.01 }")), {});
  const Check& check = verdict->checks.at(0);
  ASSERT_EQ(check.verdict, VerdictKind::pass) << check.why;
  EXPECT_THAT(check.why, HasSubstr("12 of them in one of 8 replicates"));
  EXPECT_FALSE(check.at_most);
}

TEST(Evaluate, RefusesAPolicyOfAnotherRun) {
  const Comparison run = make_statistics({{"rt", "mixed", {20'000}}});
  Policy policy = make_policy(budget("max_us = 100"));
  policy.suite = "timer";
  EXPECT_EQ(refusal(run, policy),
            "p.toml: is a policy for suite timer, and this run is of suite irq-to-gpio");
  policy = make_policy(budget("max_us = 100"));
  policy.time_base = TimeBase::wall_clock;
  EXPECT_EQ(refusal(run, policy), "p.toml: is a policy for wall time, and this run is of virtual time");
}

TEST(Evaluate, RefusesRulesThatMatchNothing) {
  const Comparison run = make_statistics({{"rt", "mixed", {20'000}}});
  EXPECT_THAT(refusal(run, make_policy(budget("max_us = 1", "generic"))),
              HasSubstr("kernel generic under load mixed"));
  EXPECT_THAT(refusal(run, make_policy(budget("max_us = 1", "*", "idle"))),
              HasSubstr("kernel * under load idle"));
  EXPECT_THAT(refusal(run, make_policy(compare("max", 1))), HasSubstr("[[compare]] is of kernel generic"));
  EXPECT_THAT(refusal(make_statistics({}), make_policy(budget("max_us = 1", "*", "*"))),
              HasSubstr("has not measured"));
}

// Bounds by SciPy's beta.ppf(0.95, k + 1, n - k) and beta.ppf(0.05, k, n - k + 1).
class WrongShare : public ::testing::Test {
 protected:
  Check check(std::uint64_t wrong, std::uint64_t made, double max_fraction, std::uint64_t wrong_frame = 0) {
    group_.summary.decisions = DecisionCounts{
        .ok = made / 2, .ng = made - made / 2, .wrong = wrong, .wrong_frame = wrong_frame, .span_ns = 1};
    return check_wrong_fraction(group_, max_fraction, criteria_);
  }
  // Of replicates with so many wrong of so many made.
  Check check_of_replicates(const std::vector<std::pair<std::uint64_t, std::uint64_t>>& replicates,
                            double max_fraction) {
    DecisionCounts all;
    group_.replicates.clear();
    for (const auto& [wrong, made] : replicates) {
      Replicate replicate;
      replicate.decisions = DecisionCounts{.ok = made, .wrong = wrong};
      group_.replicates.push_back(replicate);
      all.ok += made;
      all.wrong += wrong;
    }
    group_.summary.decisions = all;
    return check_wrong_fraction(group_, max_fraction, criteria_);
  }

  GroupEvidence group_;
  Criteria criteria_;
};

TEST_F(WrongShare, IsJudgedWithConfidence) {
  EXPECT_EQ(check(1, 60, 0.08).verdict, VerdictKind::pass);
  EXPECT_EQ(check(1, 60, 0.08).why,
            "1 of 60 decisions wrong: at most 7.66 % at 95 % confidence, 8 % allowed");
  EXPECT_EQ(check(0, 60, 0.05).verdict, VerdictKind::pass) << "at most 4.87 % are";
  EXPECT_EQ(check(10, 400, 0.05).verdict, VerdictKind::pass) << "at most 4.204 % are";
  EXPECT_EQ(check(12, 60, 0.1).verdict, VerdictKind::fail) << "at least 11.97 % are";
}

TEST_F(WrongShare, IsInconclusiveWhereTheDecisionsAreTooFew) {
  const Check close = check(1, 60, 0.05);
  EXPECT_EQ(close.verdict, VerdictKind::inconclusive) << "1.7 % were, and 7.7 % may be";
  ASSERT_TRUE(close.samples_needed);
  EXPECT_GT(*close.samples_needed, 60U);
  EXPECT_THAT(close.why, HasSubstr("0.0855 % to 7.66 % at 95 % confidence, 5 % allowed; about"));
  EXPECT_EQ(check(0, 58, 0.05).samples_needed, 59U);
}

TEST_F(WrongShare, IsOfTheDecisionsForTheRightFrame) {
  EXPECT_DOUBLE_EQ(*check(3, 60, 0.5, 30).seen, 0.1);
  EXPECT_EQ(check(0, 60, 0.05, 2).verdict, VerdictKind::inconclusive) << "58 are left, and 59 are needed";
  EXPECT_EQ(check(0, 60, 0.05, 60).verdict, VerdictKind::invalid);
}

TEST_F(WrongShare, IsJudgedInEachReplicateWhereReplicatesAreCounted) {
  criteria_.count = CountUnit::replicates;
  const Check pass = check_of_replicates({{0, 100}, {1, 100}, {0, 100}, {0, 100}, {0, 100}}, 0.05);
  EXPECT_EQ(pass.verdict, VerdictKind::pass);
  EXPECT_EQ(pass.why,
            "1 of 500 decisions wrong, 5 % allowed: 5 of 5 replicates keep it; at least 52.6 % of all "
            "replicates do at 95 % confidence, 50 % must");
  EXPECT_EQ(pass.seen, 0.0) << "of the replicate in the middle";
  const Check fail = check_of_replicates({{20, 100}, {30, 100}, {20, 100}, {20, 100}, {20, 100}}, 0.05);
  EXPECT_EQ(fail.verdict, VerdictKind::fail);
  EXPECT_DOUBLE_EQ(*fail.seen, 0.2);
}

// 30 of 5,000, which is 0.6 %: pooled, an upper bound of 0.82 % would be a clear PASS of 1 %, in 5 replicates
// that "keep it".
TEST_F(WrongShare, OfAReplicateThatStandsOutIsNotDilutedByTheOthers) {
  criteria_.count = CountUnit::replicates;
  const Check check =
      check_of_replicates({{0, 1'000}, {0, 1'000}, {30, 1'000}, {0, 1'000}, {0, 1'000}}, 0.01);
  EXPECT_EQ(check.verdict, VerdictKind::inconclusive);
  EXPECT_THAT(check.why, HasSubstr("4 of 5 replicates keep it, 1 does not; 50 % of all replicates must: "));
  ASSERT_TRUE(check.replicates_needed);
  EXPECT_GT(*check.replicates_needed, 5U);
}

// And one boot that goes wrong is no FAIL of them all, however clear it is.
TEST_F(WrongShare, OfOneBadReplicateIsNoFailOfAll) {
  criteria_.count = CountUnit::replicates;
  EXPECT_EQ(check_of_replicates({{500, 1'000}, {0, 1'000}, {0, 1'000}}, 0.05).verdict,
            VerdictKind::inconclusive);
}

TEST_F(WrongShare, OfAReplicateWithoutAJudgedDecisionIsOpen) {
  criteria_.count = CountUnit::replicates;
  const Check check = check_of_replicates({{0, 100}, {0, 100}, {0, 0}, {0, 100}, {0, 100}}, 0.05);
  EXPECT_EQ(check.verdict, VerdictKind::inconclusive);
  EXPECT_THAT(check.why, HasSubstr("4 of 5 replicates keep it, 1 has too few stimuli to say"));
  EXPECT_EQ(check.samples_needed, 59U);
  EXPECT_FALSE(check.seen);
}

TEST_F(WrongShare, WhatNobodyKnowsMayBeWrong) {
  group_.summary.decisions = DecisionCounts{.ok = 70, .ng = 30, .wrong = 1, .unjudged = 40};
  const Check some = check_wrong_fraction(group_, 0.08, criteria_);
  EXPECT_EQ(some.verdict, VerdictKind::inconclusive);
  EXPECT_FALSE(some.seen);
  EXPECT_THAT(some.why, StartsWith("1 of 60 decisions wrong; 40 of 100 decisions were not judged"));
  EXPECT_THAT(some.why, HasSubstr("labels of the other pictures decide"));
  group_.summary.decisions = DecisionCounts{.ok = 700, .ng = 300, .wrong = 1, .unjudged = 4};
  EXPECT_EQ(check_wrong_fraction(group_, 0.08, criteria_).verdict, VerdictKind::pass) << "5 of 1,000 at most";
  group_.summary.decisions = DecisionCounts{.ok = 70, .ng = 30, .wrong = 30, .unjudged = 40};
  EXPECT_EQ(check_wrong_fraction(group_, 0.08, criteria_).verdict, VerdictKind::fail) << "30 of 100 at least";
  group_.summary.decisions = DecisionCounts{.ok = 70, .ng = 30, .unjudged = 100};
  const Check none = check_wrong_fraction(group_, 0.08, criteria_);
  EXPECT_EQ(none.verdict, VerdictKind::inconclusive);
  EXPECT_EQ(none.why,
            "100 of 100 decisions were not judged to be right or wrong: nobody knows what their frames show");
}

TEST_F(WrongShare, WithoutADecisionIsInvalid) {
  EXPECT_EQ(check(0, 0, 0.05).verdict, VerdictKind::invalid) << "no decision is no right one";
  group_.summary.decisions.reset();
  EXPECT_EQ(check_wrong_fraction(group_, 0.05, criteria_).verdict, VerdictKind::invalid);
}

}  // namespace
}  // namespace loopgate::evaluate_test
