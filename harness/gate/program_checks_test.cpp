#include "gate/program_checks.h"

#include <gmock/gmock.h>

#include "gate/comparison_table.h"
#include "gate/evaluate.h"
#include "gate/program_table.h"
#include "gate/testing/made_up_run.h"
#include "gate/verdict_markdown.h"
#include "gate/verdict_text.h"
#include "record/testing/recorded_run.h"
#include "stats/histogram_tail.h"

namespace loopgate::program_checks_test {
namespace {

using ::testing::ContainsRegex;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::make_policy;
using ::testing::Not;
using testing::refusal;

constexpr const char* head = "title = \"t\"\nsuite = \"rt-tests\"\ntime_base = \"virtual\"\n";

ProgramResult result(ProgramVerdict verdict, std::string reason = "") {
  ProgramResult made;
  made.verdict = verdict;
  made.reason = std::move(reason);
  return made;
}

// 990 cycles of up to 10 us, 10 from 50 to 51 us.
ProgramResult cyclictest_result(std::uint64_t overflow = 0) {
  ProgramResult made = result(ProgramVerdict::pass);
  LatencyHistogram histogram;
  histogram.bin_width_ns = histogram.resolution_ns = 1'000;
  histogram.count.resize(60);
  histogram.count[9] = 990;
  histogram.count[50] = 10;
  histogram.overflow = overflow;
  histogram.max_ns = overflow > 0 ? 75'000 : 50'000;
  made.histogram = histogram;
  made.clock = "CLOCK_MONOTONIC";
  made.figures = {{"cycles", 1'000, "cycles", "", 0},
                  {"max", overflow > 0 ? 75.0 : 50.0, "us", made.clock, 1}};
  return made;
}

struct MadeUpProgram {
  std::string name;
  std::vector<ProgramResult> results;  // of each replicate
};

Comparison run_of(const std::vector<MadeUpProgram>& programs) {
  Comparison run;
  run.suite.name = "rt-tests";
  run.board.name = "board";
  run.loads = {{"mixed", ""}};
  GroupEvidence group;
  group.kernel = "rt";
  group.load = "mixed";
  for (const MadeUpProgram& program : programs) {
    run.programs.push_back(program.name);
    ProgramEvidence& evidence = group.programs.emplace_back();
    evidence.program = program.name;
    for (std::size_t i = 0; i < program.results.size(); ++i) {
      ProgramReplicate& replicate = evidence.replicates.emplace_back();
      replicate.cell = "rt.mixed." + std::to_string(i + 1);
      replicate.result = program.results[i];
      if (replicate.result.histogram)
        replicate.tail =
            std::make_shared<HistogramTail>(HistogramTail::make(*replicate.result.histogram).value());
    }
  }
  for (std::size_t i = 0; i < programs.front().results.size(); ++i)
    group.cells.push_back("rt.mixed." + std::to_string(i + 1));
  run.groups = {group};
  return run;
}

std::string rule(const std::string& program, const std::string& limits) {
  return "[[budget]]\nkernel = \"rt\"\nload = \"*\"\nprogram = \"" + program + "\"\n" + limits + "\n";
}

Verdict judged(const Comparison& run, const std::string& rules) {
  auto verdict = evaluate(run, make_policy(rules, head), {});
  EXPECT_TRUE(verdict) << verdict.error().what;
  return verdict ? *verdict : Verdict{};
}

VerdictKind with_limit(const std::string& limit) {
  return judged(run_of({{"cyclictest", {cyclictest_result()}}}), rule("cyclictest", limit)).verdict;
}

TEST(ProgramBudget, JudgesAHistogramByItsBins) {
  EXPECT_EQ(with_limit("max_us = 51"), VerdictKind::pass);
  EXPECT_EQ(with_limit("max_us = 50"), VerdictKind::inconclusive) << "50.0 to 51 us: inside of the bin";
  EXPECT_EQ(with_limit("max_us = 49"), VerdictKind::fail);
  EXPECT_EQ(with_limit("p90_us = 10"), VerdictKind::pass);
  EXPECT_EQ(with_limit("p99_9_us = 40"), VerdictKind::fail);
  EXPECT_EQ(with_limit("exceed = { over_us = 20, max_fraction = 0.1 }"), VerdictKind::pass);
}

TEST(ProgramBudget, SaysWhatToDoWhereABinLeavesItOpen) {
  const auto why = [](const std::string& limit) {
    return judged(run_of({{"cyclictest", {cyclictest_result()}}}), rule("cyclictest", limit))
        .checks.at(0)
        .why;
  };
  EXPECT_THAT(why("max_us = 50"),
              HasSubstr("exceeded 50 us; its histogram leaves it open -> take a limit at the "
                        "edge of a bin, or have finer bins measured"));
  ProgramResult without = cyclictest_result();
  without.histogram.reset();
  const auto verdict =
      judged(run_of({{"cyclictest", {cyclictest_result(), without}}}), rule("cyclictest", "max_us = 50"));
  EXPECT_EQ(verdict.verdict, VerdictKind::inconclusive);
  EXPECT_THAT(verdict.checks.at(0).why,
              ::testing::StartsWith(
                  "a limit of latencies needs a histogram of every replicate, and 1 of 2 left none"));
}

// Finer bins help inside of one, a longer histogram beyond the last: its 60 bins end at 60 us.
TEST(ProgramBudget, SaysWhatToDoByWhereTheLimitLies) {
  const auto why = [](const std::string& limit, std::optional<std::int64_t> max_ns = std::nullopt) {
    ProgramResult made = cyclictest_result(40);
    made.histogram->max_ns = max_ns;
    return judged(run_of({{"cyclictest", {made}}}), rule("cyclictest", limit)).checks.at(0).why;
  };
  const std::string longer =
      "its histogram ends at 60 us, and how far those beyond it are is not known -> have a longer one "
      "measured";
  const char* const finer = "have finer bins measured";
  const std::string lower = longer + ", or take a limit below that";
  for (const char* limit : {"max_us = 60", "max_us = 500", "p99_us = 500", "jitter_us = 500",
                            "exceed = { over_us = 500, max_fraction = 0.01 }"}) {
    const bool is_spread = std::string(limit).starts_with("jitter");
    EXPECT_THAT(why(limit), AllOf(::testing::EndsWith(is_spread ? longer : lower), Not(HasSubstr(finer))));
  }
  EXPECT_THAT(why("p99_us = 500", 1'475'000), ::testing::EndsWith(lower)) << "below the largest";
  EXPECT_THAT(why("max_us = 1475", 1'475'000), AllOf(HasSubstr(finer), Not(HasSubstr("longer"))))
      << "the largest is known to the microsecond";
  EXPECT_THAT(why("p90_us = 9"), AllOf(HasSubstr(finer), Not(HasSubstr("longer")))) << "inside of a bin";
}

TEST(ProgramBudget, SaysWhoMeasuredAndSpeaksOfNoStimuli) {
  const Check check =
      judged(run_of({{"cyclictest", {cyclictest_result()}}}), rule("cyclictest", "max_us = 49")).checks.at(0);
  EXPECT_EQ(check.program, "cyclictest");
  EXPECT_EQ(demand_text(check), "cyclictest: max at most 49 us");
  EXPECT_THAT(check.why, HasSubstr("10 of 1,000 latencies exceeded 49 us"));
}

// Each sentence that a limit of latencies may end in, by samples and by replicates.
TEST(ProgramBudget, SpeaksOfLatenciesWhereMoreWouldDecide) {
  const auto run = run_of({{"cyclictest", {cyclictest_result(), cyclictest_result()}}});
  const auto why = [&](const std::string& limit, const char* count) {
    const auto verdict = evaluate(run, make_policy(rule("cyclictest", limit), head + std::string(count)), {});
    return verdict ? verdict->checks.at(0).why : verdict.error().what;
  };
  const char* replicates = "count = \"replicates\"\n";
  EXPECT_THAT(why("exceed = { over_us = 20, max_fraction = 0.011 }", ""),
              ContainsRegex("20 of 2,000 latencies .*; about [0-9,]+ latencies would decide"));
  EXPECT_THAT(why("exceed = { over_us = 20, max_fraction = 0.01 }", ""),
              HasSubstr("no number of latencies decides so close a case"));
  EXPECT_THAT(why("exceed = { over_us = 20, max_fraction = 0.011 }", replicates),
              ContainsRegex("2 have too few latencies to say.*about [0-9,]+ latencies in each replicate"));
  EXPECT_THAT(why("jitter_us = 10", ""), HasSubstr("between the fastest and the slowest of 2,000 latencies"));
}

TEST(ProgramBudget, OfALatencyIsOpenWhereThereIsNoHistogram) {
  EXPECT_EQ(judged(run_of({{"oslat", {result(ProgramVerdict::pass)}}}), rule("oslat", "max_us = 9")).verdict,
            VerdictKind::inconclusive);
  const auto half =
      run_of({{"cyclictest", {cyclictest_result(), result(ProgramVerdict::invalid, "it crashed")}}});
  EXPECT_EQ(judged(half, rule("cyclictest", "max_us = 100")).verdict, VerdictKind::invalid);
}

TEST(ProgramBudget, WantsThatItPasses) {
  const auto of = [](ProgramVerdict verdict) {
    const std::string reason = verdict == ProgramVerdict::pass ? "" : "so it is";
    return judged(run_of({{"pip_stress", {result(ProgramVerdict::pass), result(verdict, reason)}}}),
                  rule("pip_stress", "result = \"pass\""));
  };
  EXPECT_EQ(of(ProgramVerdict::pass).verdict, VerdictKind::pass);
  EXPECT_EQ(of(ProgramVerdict::fail).verdict, VerdictKind::fail);
  EXPECT_EQ(of(ProgramVerdict::invalid).verdict, VerdictKind::invalid);
  EXPECT_EQ(of(ProgramVerdict::inconclusive).verdict, VerdictKind::inconclusive);
  EXPECT_EQ(of(ProgramVerdict::not_applicable).verdict, VerdictKind::inconclusive) << "it was not run";
  EXPECT_EQ(of(ProgramVerdict::fail).checks.at(0).why, "rt.mixed.2: fail: so it is");
}

TEST(ProgramBudget, LimitsAFigureByItsName) {
  const auto of = [](const std::string& limit) {
    return judged(run_of({{"cyclictest", {cyclictest_result(), cyclictest_result(3)}}}),
                  rule("cyclictest", limit))
        .verdict;
  };
  EXPECT_EQ(of("figure = \"max\"\nat_most = 76"), VerdictKind::pass);
  EXPECT_EQ(of("figure = \"max\"\nat_most = 75"), VerdictKind::inconclusive)
      << "it cuts off what is below 1 us";
  EXPECT_EQ(of("figure = \"max\"\nat_most = 74.9"), VerdictKind::fail) << "of one replicate";
  EXPECT_EQ(of("figure = \"cycles\"\nat_least = 1000"), VerdictKind::pass);
  EXPECT_EQ(of("figure = \"cycles\"\nat_least = 1001"), VerdictKind::fail);
}

// Of several that break a limit the farthest is shown, and the limit that it breaks.
TEST(ProgramBudget, ShowsTheWorstReplicateOfAFigure) {
  const auto check = [](const std::vector<double>& values, const std::string& limit) {
    std::vector<ProgramResult> results;
    for (const double value : values) {
      results.push_back(result(ProgramVerdict::pass));
      results.back().figures = {{"rate", value, "a second", "", 0}};
    }
    return judged(run_of({{"hackbench", results}}), rule("hackbench", "figure = \"rate\"\n" + limit))
        .checks.at(0);
  };
  const Check above = check({55, 80, 60}, "at_most = 50");
  EXPECT_EQ(above.verdict, VerdictKind::fail);
  EXPECT_EQ(above.seen, 80.0);
  EXPECT_EQ(above.why, "rt.mixed.2: rate is 80 a second");
  const Check below = check({30, 20, 10, 40}, "at_most = 50\nat_least = 25");
  EXPECT_EQ(below.verdict, VerdictKind::fail);
  EXPECT_EQ(below.seen, 10.0);
  EXPECT_EQ(below.limit, 25.0) << "which is the one that is broken";
  const Check kept = check({30, 45, 40}, "at_most = 50");
  EXPECT_EQ(kept.verdict, VerdictKind::pass);
  EXPECT_EQ(kept.seen, 45.0) << "the nearest to the limit";
}

// oslat rounds up: 76 us is what took more than 75 us, and no more than 76.
TEST(ProgramBudget, OfAFigureThatIsRoundedUpFailsWhereTheTruthMust) {
  const auto of = [](const std::string& limit) {
    ProgramResult oslat = result(ProgramVerdict::pass);
    oslat.figures = {{"max", 76, "us", "the CPU's counter", 1, true}};
    return judged(run_of({{"oslat", {oslat}}}), rule("oslat", "figure = \"max\"\n" + limit)).checks.at(0);
  };
  EXPECT_EQ(of("at_most = 76").verdict, VerdictKind::pass);
  EXPECT_EQ(of("at_most = 75.5").verdict, VerdictKind::inconclusive);
  EXPECT_EQ(of("at_most = 75.5").why,
            "rt.mixed.1: max is 76 us, rounded up to 1: the truth lies from 75 to 76, and so does the limit "
            "75.5 -> "
            "take a limit outside of that, or let the program print a finer figure");
  EXPECT_EQ(of("at_most = 75").verdict, VerdictKind::fail) << "it was more than that";
  EXPECT_EQ(of("at_least = 75").verdict, VerdictKind::pass);
  EXPECT_EQ(of("at_least = 76").verdict, VerdictKind::inconclusive);
  EXPECT_EQ(of("at_least = 76.5").verdict, VerdictKind::fail);
}

// What all replicates keep, of whatever kind the rule is: the same number of them shows it.
TEST(ProgramBudget, OfReplicatesTakesAsManyForAFigureAndAResultAsForALatency) {
  const auto of = [](std::size_t replicates, const std::string& limit) {
    const auto run = run_of({{"cyclictest", std::vector(replicates, cyclictest_result())}});
    const auto verdict = evaluate(
        run, make_policy(rule("cyclictest", limit), head + std::string("count = \"replicates\"\n")), {});
    EXPECT_TRUE(verdict) << verdict.error().what;
    return verdict->checks.back();
  };
  for (const char* limit : {"max_us = 51", "figure = \"max\"\nat_most = 60", "result = \"pass\""}) {
    const Check one = of(1, limit);
    EXPECT_EQ(one.verdict, VerdictKind::inconclusive) << limit;
    EXPECT_EQ(one.replicates_needed, 5U) << limit;
    EXPECT_THAT(one.why, HasSubstr("in 1 replicate: too few to show that 50 % of all replicates keep it"));
    EXPECT_EQ(of(4, limit).verdict, VerdictKind::inconclusive) << limit;
    EXPECT_EQ(of(5, limit).verdict, VerdictKind::pass) << limit;
  }
  EXPECT_EQ(of(1, "figure = \"max\"\nat_most = 49").verdict, VerdictKind::fail) << "once is enough";
}

TEST(ProgramBudget, OfABoardCountsBoots) {
  auto run = run_of({{"cyclictest", {cyclictest_result()}}});
  run.time_base = TimeBase::wall_clock;
  const std::string wall = "title = \"t\"\nsuite = \"rt-tests\"\ntime_base = \"wall\"\n";
  const std::string passes = rule("cyclictest", "result = \"pass\"");
  EXPECT_EQ(evaluate(run, make_policy(passes, wall), {})->verdict, VerdictKind::inconclusive);
  EXPECT_THAT(refusal(run, make_policy(passes, wall + "count = \"samples\"\n")),
              HasSubstr("counts samples, and this run is of a board"));
}

TEST(Programs, ThatFailOrAreInvalidDoSoWithoutARule) {
  const auto run = run_of({{"cyclictest", {cyclictest_result()}},
                           {"pi_stress", {result(ProgramVerdict::fail, "WATCHDOG triggered")}},
                           {"ssdd", {result(ProgramVerdict::inconclusive, "who knows")}}});
  const Verdict verdict = judged(run, rule("cyclictest", "max_us = 51"));
  EXPECT_EQ(verdict.verdict, VerdictKind::fail);
  ASSERT_EQ(verdict.checks.size(), 3U);
  EXPECT_EQ(demand_text(verdict.checks[1]), "pi_stress: must pass");
  EXPECT_EQ(verdict.checks[1].verdict, VerdictKind::fail);
  EXPECT_EQ(verdict.checks[2].verdict, VerdictKind::not_gated);
  EXPECT_EQ(demand_text(verdict.checks[2]), "ssdd: no rule names it");
}

TEST(Programs, MayFailWhereTheirPolicySaysSo) {
  const auto of = [](ProgramVerdict verdict) {
    return judged(
        run_of({{"cyclictest", {cyclictest_result()}}, {"deadline_test", {result(verdict, "so it is")}}}),
        rule("cyclictest", "max_us = 51") + rule("deadline_test", "result = \"any\""));
  };
  EXPECT_EQ(of(ProgramVerdict::fail).verdict, VerdictKind::pass);
  EXPECT_EQ(of(ProgramVerdict::fail).checks.at(1).verdict, VerdictKind::not_gated);
  EXPECT_EQ(of(ProgramVerdict::invalid).verdict, VerdictKind::invalid);
}

TEST(Programs, OfWhichNoneIsGatedSayWhyThatIsNoPass) {
  const auto run = run_of({{"deadline_test", {result(ProgramVerdict::fail, "so it is")}}});
  const Verdict verdict = judged(run, rule("deadline_test", "result = \"any\""));
  EXPECT_EQ(verdict.verdict, VerdictKind::inconclusive);
  ASSERT_FALSE(verdict.remarks.empty());
  EXPECT_THAT(verdict.remarks.front(), HasSubstr("no rule of the policy gates anything of this run"));
  const Verdict gated = judged(run, rule("deadline_test", "result = \"pass\""));
  for (const std::string& remark : gated.remarks) EXPECT_THAT(remark, Not(HasSubstr("no rule")));
}

TEST(Programs, ThatWereAllNotApplicableNeverPass) {
  const auto run = run_of({{"rtla", {result(ProgramVerdict::not_applicable, "no tracer")}}});
  EXPECT_EQ(judged(run, rule("rtla", "result = \"pass\"")).verdict, VerdictKind::inconclusive);
  EXPECT_EQ(judged(run, rule("rtla", "figure = \"max\"\nat_most = 9")).verdict, VerdictKind::inconclusive);
}

// The policy of one rule for each program, and that of one for all, on the same run.
TEST(ProgramsRule, JudgesEachThatMeasured) {
  const auto run = run_of({{"cyclictest", {cyclictest_result()}},
                           {"ssdd", {result(ProgramVerdict::inconclusive, "who knows")}},
                           {"pi_stress", {result(ProgramVerdict::pass)}}});
  std::string each;
  for (const std::string& program : run.programs) each += rule(program, "result = \"pass\"");
  const auto text_of = [&](const std::string& rules) {
    std::string text;
    for (const Check& check : judged(run, rules).checks)
      text += demand_text(check) + ": " + name_of(check.verdict) + ": " + check.why + "\n";
    return text;
  };
  EXPECT_EQ(text_of(rule("*", "result = \"pass\"")), text_of(each));
  EXPECT_THAT(text_of(each), HasSubstr("ssdd: must pass: INCONCLUSIVE: rt.mixed.1: inconclusive: who knows"));
}

TEST(ProgramsRule, OfLatenciesIsOfEachToo) {
  const auto run = run_of({{"cyclictest", {cyclictest_result()}}, {"oslat", {cyclictest_result(1)}}});
  const Verdict verdict = judged(run, rule("*", "max_us = 51"));
  ASSERT_EQ(verdict.checks.size(), 2U);
  EXPECT_EQ(verdict.checks[0].verdict, VerdictKind::pass);
  EXPECT_EQ(verdict.checks[1].program, "oslat");
  EXPECT_EQ(verdict.checks[1].verdict, VerdictKind::fail);
  // As many questions as rules that name them: each is put with the confidence that is left for it.
  const std::string limit = "exceed = { over_us = 20, max_fraction = 0.02 }";
  EXPECT_EQ(judged(run, rule("*", limit)).checks.at(0).why,
            judged(run, rule("cyclictest", limit) + rule("oslat", limit)).checks.at(0).why);
}

TEST(ProgramsRule, IsJoinedByRulesThatNameOneAndNeverLoosenedByThem) {
  const auto run = run_of({{"cyclictest", {cyclictest_result()}},
                           {"pi_stress", {result(ProgramVerdict::fail, "WATCHDOG triggered")}}});
  const std::string all = rule("*", "result = \"pass\"");
  const auto of = [&](const std::string& rules) {
    std::vector<VerdictKind> verdicts;
    for (const Check& check : judged(run, rules).checks) verdicts.push_back(check.verdict);
    return verdicts;
  };
  EXPECT_THAT(of(all + rule("cyclictest", "max_us = 49")),
              ElementsAre(VerdictKind::pass, VerdictKind::fail, VerdictKind::fail));
  EXPECT_THAT(of(rule("*", "max_us = 49") + rule("cyclictest", "max_us = 51")),
              ElementsAre(VerdictKind::fail, VerdictKind::pass, VerdictKind::fail, VerdictKind::fail))
      << "both limits hold";
  EXPECT_THAT(of(all + rule("pi_stress", "result = \"any\"")),
              ElementsAre(VerdictKind::pass, VerdictKind::fail));
}

TEST(ProgramsRule, OfAllSpeaksOfWhatTheRunLeftOutOfTheSuite) {
  Comparison run = run_of({{"cyclictest", {cyclictest_result()}}});
  const Policy policy = make_policy(rule("*", "result = \"pass\""), head);
  EXPECT_EQ(evaluate(run, policy, {})->verdict, VerdictKind::pass);
  run.programs_left_out = {"oslat", "ssdd"};
  const auto verdict = evaluate(run, policy, {});
  EXPECT_EQ(verdict->verdict, VerdictKind::inconclusive);
  EXPECT_THAT(problems_text(*verdict),
              HasSubstr("2 programs did not run: oslat, ssdd -> run the suite with them"));
  const Policy named = make_policy(rule("cyclictest", "result = \"pass\""), head);
  EXPECT_EQ(evaluate(run, named, {})->verdict, VerdictKind::pass) << "which asks for no other";
}

TEST(ProgramsRule, IsRefusedWhereAProgramHasNoSuchFigureOrNoneMeasured) {
  ProgramResult other = result(ProgramVerdict::pass);
  other.figures = {{"rate", 3, "a second", "", 0}};
  const auto run = run_of({{"cyclictest", {cyclictest_result()}}, {"hackbench", {other}}});
  EXPECT_THAT(refusal(run, make_policy(rule("*", "figure = \"max\"\nat_most = 90"), head)),
              HasSubstr("program hackbench has no figure \"max\""));
  EXPECT_THAT(
      refusal(run, make_policy("[[budget]]\nkernel = \"other\"\nload = \"*\"\nprogram = \"*\"\n"
                               "result = \"pass\"\n",
                               head)),
      HasSubstr("a [[budget]] is of kernel other under load *, which this run has not measured: it has the "
                "kernels rt under mixed"));
}

TEST(Programs, NeverMeetAnInstrumentsFigures) {
  const auto run = run_of({{"cyclictest", {cyclictest_result()}}});
  const std::string of_instrument = "[[budget]]\nkernel = \"rt\"\nload = \"mixed\"\nmax_us = 9\n";
  EXPECT_THAT(refusal(run, make_policy(of_instrument, head)),
              HasSubstr("held against no instrument's figure"));
  EXPECT_THAT(refusal(testing::make_statistics({{"rt", "mixed", {5'000}}}),
                      make_policy(rule("cyclictest", "max_us = 9"))),
              HasSubstr("an instrument alone measured this run"));
  Comparison imported = testing::make_statistics({{"rt", "mixed", {5'000}}});
  imported.self_measured_by = "cyclictest";
  EXPECT_THAT(refusal(imported, make_policy(rule("cyclictest", "max_us = 9"))),
              AllOf(HasSubstr("is of program cyclictest, and this run was imported: all of its latencies are "
                              "those that cyclictest measured, and rules without `program` judge them"),
                    Not(HasSubstr("instrument"))));
  EXPECT_THAT(refusal(run, make_policy(rule("oslat", "max_us = 9"), head)),
              HasSubstr("is of program oslat, and this run has run none that the policy names: it has run "
                        "cyclictest"));
  EXPECT_THAT(refusal(run, make_policy(rule("cyclictest", "figure = \"speed\"\nat_most = 9"), head)),
              HasSubstr("has no figure \"speed\""));
}

TEST(Programs, AndNamesThatAreMistypedAreTold) {
  const auto told = [](const std::string& policy) {
    const auto verdict =
        evaluate(run_of({{"cyclictest", {cyclictest_result()}}}), make_policy(policy, head), {});
    return verdict ? verdict->checks.back().why : to_text(verdict.error());
  };
  EXPECT_THAT(told(rule("cyclictes", "max_us = 9")), HasSubstr("did you mean \"cyclictest\"?"));
  EXPECT_THAT(told(rule("cyclictest", "max_us = 900") + rule("cyclictes", "max_us = 9")),
              HasSubstr("of \"cyclictes\", did you mean \"cyclictest\", which ran?"));
  EXPECT_THAT(told("[[budget]]\nprogram = \"cyclictest\"\nkernel = \"r*\"\nload = \"*\"\nmax_us = 9\n"),
              HasSubstr("a \"*\" stands for all names, and for no part of one"));
}

// As `run --program cyclictest` leaves it, judged by the policy of the whole suite.
TEST(Programs, ThatTheRunLeftOutAreToldAndNeverPass) {
  const auto run = run_of({{"cyclictest", {cyclictest_result()}}});
  const auto of = [&](const std::string& rules) {
    return judged(run, rule("cyclictest", "max_us = 51") + rules);
  };
  const Verdict verdict =
      of(rule("oslat", "result = \"pass\"") + rule("oslat", "figure = \"max\"\nat_most = 9") +
         rule("ssdd", "result = \"pass\"\nmax_us = 9"));
  EXPECT_EQ(verdict.verdict, VerdictKind::inconclusive);
  ASSERT_EQ(verdict.checks.size(), 2U) << "what was run is judged, and the others are told in one line";
  EXPECT_EQ(verdict.checks[0].verdict, VerdictKind::pass);
  EXPECT_EQ(verdict.checks[1].demand, "oslat, ssdd: must be run");
  EXPECT_EQ(verdict.checks[1].verdict, VerdictKind::inconclusive);
  EXPECT_THAT(verdict.checks[1].why, HasSubstr("this run left them out"));
  EXPECT_EQ(
      problems_text(verdict),
      "what ran has passed; 2 programs did not run: oslat, ssdd -> run the suite with them, or judge by a "
      "policy without them\n");
  EXPECT_THAT(to_markdown(verdict, run),
              HasSubstr("what ran has passed; 2 programs did not run: oslat, ssdd"));
  EXPECT_EQ(of(rule("deadline_test", "result = \"any\"")).verdict, VerdictKind::pass)
      << "of which nothing is demanded";
  const Verdict half = of(rule("deadline_test", "result = \"any\"") + rule("oslat", "result = \"pass\""));
  ASSERT_EQ(half.checks.size(), 3U);
  EXPECT_EQ(half.checks[1].demand, "oslat: must be run");
  EXPECT_THAT(half.checks[1].why, HasSubstr("this run left it out"));
  EXPECT_EQ(half.checks[2].demand, "deadline_test: must be run");
  EXPECT_EQ(half.checks[2].verdict, VerdictKind::not_gated);
  EXPECT_EQ(judged(run, rule("cyclictest", "max_us = 49") + rule("oslat", "result = \"pass\"")).verdict,
            VerdictKind::fail)
      << "what is missing excuses nothing";
  EXPECT_THAT(problems_text(half), HasSubstr("what ran has passed; 1 program did not run: oslat -> "))
      << "of deadline_test nothing is demanded";
  EXPECT_EQ(problems_text(of(rule("deadline_test", "result = \"any\""))), "") << "it is a PASS";
}

TEST(Programs, WhatRanHasNotPassedWhereNothingOfItIsHeldAgainstTheKernel) {
  const auto run = run_of({{"cyclictest", {result(ProgramVerdict::fail, "it stopped at its limit")}}});
  const Verdict verdict =
      judged(run, rule("cyclictest", "result = \"any\"") + rule("oslat", "result = \"pass\""));
  EXPECT_EQ(verdict.verdict, VerdictKind::inconclusive);
  EXPECT_THAT(problems_text(verdict), HasSubstr("\n1 program did not run: oslat -> "));
  EXPECT_THAT(problems_text(verdict), Not(HasSubstr("what ran has passed")));
}

TEST(Programs, AreHeldAgainstNoBaseline) {
  const auto run = run_of({{"cyclictest", {cyclictest_result()}}});
  const auto verdict =
      evaluate(run, make_policy(rule("cyclictest", "max_us = 51"), head), Baseline{"other", run});
  ASSERT_FALSE(verdict);
  EXPECT_THAT(verdict.error().what, HasSubstr("the baseline other would judge nothing"));
}

// The pin's latencies, and cyclictest beside them.
Comparison beside(std::vector<std::int64_t> pin_ns, ProgramResult of_program) {
  Comparison run = testing::make_statistics({{"rt", "mixed", std::move(pin_ns)}});
  run.programs = {"cyclictest"};
  run.samples = 2;
  run.groups[0].programs = run_of({{"cyclictest", {std::move(of_program)}}}).groups[0].programs;
  return run;
}

TEST(ProgramBeside, IsJudgedByItsOwnRulesAndThePinByIts) {
  const Comparison run = beside({20'000, 41'000}, cyclictest_result());
  const std::string pin = "[[budget]]\nkernel = \"rt\"\nload = \"*\"\n";
  const auto of = [&](const std::string& rules) {
    const auto verdict = evaluate(run, make_policy(rules), {});
    EXPECT_TRUE(verdict) << verdict.error().what;
    return verdict->verdict;
  };
  EXPECT_EQ(of(pin + "max_us = 50\n"), VerdictKind::pass);
  EXPECT_EQ(of(pin + "max_us = 40\n"), VerdictKind::fail) << "of the pin alone";
  EXPECT_EQ(of(pin + "max_us = 50\n" + rule("cyclictest", "max_us = 51")), VerdictKind::pass);
  EXPECT_EQ(of(pin + "max_us = 50\n" + rule("cyclictest", "max_us = 49")), VerdictKind::fail);
}

TEST(ProgramBeside, ThatIsInvalidMakesTheVerdictSoWhateverThePinSays) {
  const Comparison run = beside({20'000, 41'000}, result(ProgramVerdict::invalid, "it died by signal 9"));
  const auto verdict =
      evaluate(run, make_policy("[[budget]]\nkernel = \"rt\"\nload = \"*\"\nmax_us = 50\n"), {});
  ASSERT_TRUE(verdict) << verdict.error().what;
  EXPECT_EQ(verdict->verdict, VerdictKind::invalid);
  EXPECT_EQ(verdict->checks.back().why, "rt.mixed.1: invalid: it died by signal 9");
}

// Whatever the rules are of that speak of the kernel x load.
TEST(ProgramBeside, AloneInThePolicyLeavesNoStimulusUnanswered) {
  const Comparison half = beside({20'000, testing::never_answered}, cyclictest_result());
  const std::string rules = rule("cyclictest", "max_us = 51");
  const auto verdict = evaluate(half, make_policy(rules), {});
  ASSERT_TRUE(verdict) << verdict.error().what;
  EXPECT_EQ(verdict->verdict, VerdictKind::fail);
  EXPECT_EQ(demand_text(verdict->checks.at(0)), "unanswered at most 0");
  EXPECT_EQ(evaluate(beside({20'000, 41'000}, cyclictest_result()), make_policy(rules), {})->verdict,
            VerdictKind::pass);
}

TEST(Programs, OfACellThatIsNotMeasuredAreNotJudged) {
  auto run = run_of({{"cyclictest", {cyclictest_result()}}});
  run.groups[0].invalid = {{"rt.mixed.1", "kernel_failed", "panic"}};
  const Verdict verdict = judged(run, rule("cyclictest", "max_us = 51"));
  EXPECT_EQ(verdict.verdict, VerdictKind::fail);
  ASSERT_EQ(verdict.checks.size(), 1U);
  EXPECT_EQ(verdict.checks[0].rule, "cell");
}

TEST(ProgramPolicy, RefusesWhatCannotFailOrSaysNothing) {
  const auto why = [](const std::string& limits) {
    const auto policy = parse_policy(head + rule("cyclictest", limits), "p.toml");
    return policy ? "accepted" : policy.error().what;
  };
  EXPECT_THAT(why(""), HasSubstr("has no limit in it"));
  EXPECT_THAT(why("result = \"fail\""), HasSubstr("result must be pass or any"));
  EXPECT_THAT(why("figure = \"max\""), HasSubstr("needs at_most or at_least"));
  EXPECT_THAT(why("at_most = 3"), HasSubstr("needs at_most or at_least"));
  EXPECT_THAT(why("figure = \"max\"\nat_least = 0"), HasSubstr("cannot fail"));
  EXPECT_THAT(why("figure = \"max\"\nat_most = -1"), HasSubstr("must not be below 0"));
  EXPECT_THAT(why("max_us = 10\np99_us = 20"), HasSubstr("p99_us = 20 cannot fail"));
  EXPECT_THAT(why("unanswered = 0"), HasSubstr("unanswered")) << "a program has no stimuli";
  const auto twice = parse_policy(head + rule("a", "max_us = 5") + rule("a", "p99_us = 5"), "p.toml");
  EXPECT_FALSE(twice);
  EXPECT_TRUE(
      parse_policy(head + rule("a", "max_us = 5") + rule("a", "figure = \"x\"\nat_most = 5"), "p.toml"));
}

TEST(ProgramTable, HasARowForEachProgramAndCountsItsResults) {
  const auto run = run_of(
      {{"cyclictest", {cyclictest_result(), cyclictest_result(1)}},
       {"rtla", {result(ProgramVerdict::not_applicable, "x"), result(ProgramVerdict::not_applicable, "x")}}});
  EXPECT_THAT(program_rows(run, "mixed", nullptr), ElementsAre(ElementsAre("program (self-measured)", "rt"),
                                                               ElementsAre("cyclictest", "pass: max 75 us"),
                                                               ElementsAre("rtla", "not applicable")));
  EXPECT_EQ(programs_text(run, "mixed"), "2 programs, each measured by itself: 2 pass, 2 not applicable");
}

// The same values as in reports/tests/test_programs_page.py.
TEST(ProgramTable, HasFiguresOfAsManyDigitsAsPeopleCompare) {
  const auto text_of = [](double value, const char* unit) {
    ProgramResult made = result(ProgramVerdict::pass);
    made.figures = {{unit, value, unit, "", 0}};  // its name, which is told once
    return program_rows(run_of({{"some", {made}}}), "mixed", nullptr).at(1).at(1);
  };
  EXPECT_EQ(text_of(0, "us"), "pass: 0 us");
  EXPECT_EQ(text_of(0.4271, "ns"), "pass: 0.427 ns");
  EXPECT_EQ(text_of(863.21, "ns"), "pass: 0.863 us");
  EXPECT_EQ(text_of(123'456.7, "ns"), "pass: 123.5 us");
  EXPECT_EQ(text_of(2'345'678, "ns"), "pass: 2,346 us");
  EXPECT_EQ(text_of(15.93751, "us"), "pass: 15.94 us");
  EXPECT_EQ(text_of(0.109, "s"), "pass: 0.109 s");
  EXPECT_EQ(text_of(452.272, "instructions"), "pass: 452.3 instructions");
  EXPECT_EQ(text_of(3840, "instructions"), "pass: 3,840 instructions");
}

}  // namespace
}  // namespace loopgate::program_checks_test
