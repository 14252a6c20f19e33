#include "gate/worst_case_check.h"

#include <gmock/gmock.h>

#include "gate/evaluate.h"
#include "gate/testing/made_up_run.h"

namespace loopgate::worst_case_check_test {
namespace {

using ::testing::HasSubstr;

CellWorstCase worst_case(const std::string& cell, std::int64_t bound_ns, std::int64_t observed_max_ns) {
  CellWorstCase each;
  each.cell = cell;
  each.samples = 3;
  each.observed_max_ns = observed_max_ns;
  each.longest_irq_off = {6'000, "release_sock", "stress-ng"};
  each.longest_preempt_off = {8'000, "rt_mutex_schedule", "stress-ng"};
  each.bound_ns = bound_ns;
  each.terms = {{"interrupts off", bound_ns, "release_sock of stress-ng"}};
  return each;
}

HuntedCell hunted(const std::string& cell, std::int64_t latency_ns) {
  HuntedCell each;
  each.cell = cell;
  each.host_s = 10;
  each.random = {6, 45'000, 10};
  each.stimuli = 800;
  each.worst.emplace_back().latency_ns = latency_ns;
  return each;
}

class WorstCaseCheck : public ::testing::Test {
 protected:
  WorstCaseCheck()
      : run_(testing::make_virtual_statistics(
            {{"rt", "mixed", {{20'000, 30'000, 40'000}, {20'000, 30'000, 45'000}}},
             {"generic", "mixed", {{20'000, 30'000, 400'000}, {20'000, 30'000, 90'000}}}})) {
    group().worst_cases = {worst_case(group().replicates[0].cell, 60'000, 40'000)};
    other().worst_cases = {worst_case(other().replicates[0].cell, 600'000, 400'000)};
  }

  GroupEvidence& group() { return run_.groups[0]; }
  GroupEvidence& other() { return run_.groups[1]; }
  Check check(const char* key, std::int64_t at_most_ns) {
    return check_worst_case(group(), {key, at_most_ns});
  }
  Check bound() { return check("bound", 100'000); }

  Comparison run_;
};

TEST_F(WorstCaseCheck, IsHeldAgainstItsLimitAndNamesWhatMakesIt) {
  EXPECT_EQ(bound().verdict, VerdictKind::pass);
  EXPECT_EQ(bound().seen, 60'000);
  EXPECT_THAT(bound().why, HasSubstr("release_sock of stress-ng"));
  EXPECT_EQ(check("bound", 59'999).verdict, VerdictKind::fail);
  EXPECT_EQ(check("longest_irq_off", 6'000).verdict, VerdictKind::pass);
  EXPECT_EQ(check("longest_irq_off", 5'999).verdict, VerdictKind::fail);
  EXPECT_EQ(check("longest_preempt_off", 7'999).verdict, VerdictKind::fail);
  EXPECT_THAT(check("longest_preempt_off", 7'999).why, HasSubstr("rt_mutex_schedule of stress-ng"));
}

TEST_F(WorstCaseCheck, TheLargestOfTheRecordedReplicatesCounts) {
  group().worst_cases.push_back(worst_case(group().replicates[1].cell, 120'000, 45'000));
  EXPECT_EQ(bound().verdict, VerdictKind::fail);
  EXPECT_EQ(bound().seen, 120'000);
}

TEST_F(WorstCaseCheck, WhatWasNotRecordedIsNoPass) {
  EXPECT_EQ(check("hunted_max", 100'000).verdict, VerdictKind::inconclusive);
  EXPECT_THAT(check("hunted_max", 100'000).why,
              HasSubstr("`loopgate hunt` on this run's folder, with --kernel rt --load mixed"));
  group().worst_cases.clear();
  for (const char* key : {"bound", "longest_irq_off", "longest_preempt_off"}) {
    EXPECT_EQ(check(key, 100'000).verdict, VerdictKind::inconclusive) << key;
    EXPECT_THAT(check(key, 100'000).why,
                HasSubstr("`loopgate bound` on this run's folder, with --kernel rt"));
  }
  group().worst_case_problem = "worst-case.json: cells[0].bound_ns is missing";
  EXPECT_EQ(bound().verdict, VerdictKind::invalid);
  EXPECT_THAT(bound().why, HasSubstr("bound_ns is missing"));
}

TEST_F(WorstCaseCheck, ASampleAboveTheBoundMakesItNone) {
  group().worst_cases[0].bound_ns = 39'999;
  EXPECT_EQ(bound().verdict, VerdictKind::invalid);
  EXPECT_THAT(bound().why, HasSubstr("took 40.0 us, and the bound is 40.0 us: the model is broken"));
  group().worst_cases[0].bound_ns = 44'999;
  EXPECT_EQ(bound().verdict, VerdictKind::invalid) << "the other replicate's";
  EXPECT_THAT(bound().why, HasSubstr("--cell " + group().replicates[1].cell));
  group().worst_cases[0].bound_ns = 45'000;
  EXPECT_EQ(bound().verdict, VerdictKind::pass);
}

TEST_F(WorstCaseCheck, WhatWasHuntedNeedsNoBound) {
  group().worst_cases.clear();
  group().hunted = {hunted(group().replicates[0].cell, 55'000)};
  EXPECT_EQ(check("hunted_max", 55'000).verdict, VerdictKind::pass);
  EXPECT_THAT(check("hunted_max", 55'000).why,
              HasSubstr("the largest of 800 stimuli hunted and 6 at random"));
  EXPECT_EQ(check("hunted_max", 54'999).verdict, VerdictKind::fail);
  group().hunt_problem = "hunt.json was altered";
  EXPECT_EQ(check("hunted_max", 55'000).verdict, VerdictKind::invalid);
}

TEST_F(WorstCaseCheck, ABoundThatKnowsNothingOfALaterHuntIsNone) {
  const std::string cell = group().replicates[0].cell;
  group().hunted = {hunted(cell, 55'000)};
  EXPECT_EQ(bound().verdict, VerdictKind::inconclusive) << "its run has windows of its own";
  EXPECT_THAT(bound().why, HasSubstr("-> `loopgate bound` with --cell " + cell));
  EXPECT_EQ(check("longest_irq_off", 6'000).verdict, VerdictKind::inconclusive);
  EXPECT_EQ(check("bound", 59'999).verdict, VerdictKind::fail) << "another run makes it no smaller";
  EXPECT_THAT(check("bound", 59'999).why, HasSubstr("bound at least 60.0 us"));
  group().worst_cases[0].with_hunted_ns = 55'000;
  EXPECT_EQ(bound().verdict, VerdictKind::pass);
  group().hunted.push_back(hunted(group().replicates[1].cell, 50'000));
  EXPECT_EQ(bound().verdict, VerdictKind::inconclusive) << "another replicate's";
}

TEST_F(WorstCaseCheck, WhatChanceFoundIsNoLessThanWhatWasHunted) {
  group().hunted = {hunted(group().replicates[0].cell, 100)};
  EXPECT_EQ(check("hunted_max", 44'999).verdict, VerdictKind::fail) << "a random sample took 45 us";
  EXPECT_EQ(check("hunted_max", 45'000).verdict, VerdictKind::pass);
}

TEST_F(WorstCaseCheck, AKernelThatFailedInAHuntKeepsToNoLimit) {
  group().hunted = {hunted(group().replicates[0].cell, 30'000)};
  HuntedFailure failure;
  failure.what = "the kernel panicked";
  group().hunted[0].kernel_failures = {failure};
  EXPECT_EQ(check("hunted_max", 100'000).verdict, VerdictKind::invalid) << "it did not do so again";
  EXPECT_EQ(check("hunted_max", 44'999).verdict, VerdictKind::fail) << "a random sample took 45 us";
  failure.repeated = true;
  group().hunted[0].kernel_failures.push_back(failure);
  EXPECT_EQ(check("hunted_max", 100'000).verdict, VerdictKind::fail);
  EXPECT_THAT(check("hunted_max", 100'000).why, HasSubstr("the kernel panicked"));
  group().hunted[0].worst.clear();
  EXPECT_EQ(check("hunted_max", 100'000).verdict, VerdictKind::fail);
}

TEST_F(WorstCaseCheck, AHuntedStimulusWithoutAnAnswerIsLongerThanAnyLimit) {
  group().hunted = {hunted(group().replicates[0].cell, 1'000'000)};
  group().hunted[0].unanswered = 1;
  EXPECT_EQ(check("hunted_max", 2'000'000).verdict, VerdictKind::fail);
  EXPECT_EQ(bound().verdict, VerdictKind::inconclusive);
}

TEST_F(WorstCaseCheck, OfOtherSamplesItIsNone) {
  group().worst_cases[0].observed_max_ns = 39'999;
  for (const char* key : {"bound", "longest_irq_off", "longest_preempt_off"})
    EXPECT_EQ(check(key, 100'000).verdict, VerdictKind::invalid) << key;
}

TEST_F(WorstCaseCheck, WhatWasNeverAnsweredHasNoBound) {
  group().summary.counts.unanswered = 1;
  EXPECT_EQ(bound().verdict, VerdictKind::inconclusive) << "a rule on what is unanswered fails it";
  group().hunted = {hunted(group().replicates[0].cell, 55'000)};
  EXPECT_EQ(check("hunted_max", 100'000).verdict, VerdictKind::fail);
}

TEST_F(WorstCaseCheck, HuntsAreComparedWhereBothWereLongEnough) {
  group().hunted = {hunted(group().replicates[0].cell, 50'000)};
  other().hunted = {hunted(other().replicates[0].cell, 500'000)};
  const auto judged = [&] {
    const RatioRule rule = {{}, "generic", "hunted_max", 0.2};
    Check check;
    judge_worst_case_ratio(group(), other(), rule, &check);
    return check;
  };
  EXPECT_EQ(judged().verdict, VerdictKind::pass);
  group().hunted[0].host_s = 4;  // the other's: 10 of 10
  EXPECT_EQ(judged().verdict, VerdictKind::inconclusive);
  EXPECT_THAT(judged().why, HasSubstr("rt was hunted for 0.4 times the host time of its random stimuli"));
  group().hunted[0].worst[0].latency_ns = 150'000;
  EXPECT_EQ(judged().verdict, VerdictKind::fail) << "a longer hunt finds no less";
  other().hunted[0].host_s = 1;
  EXPECT_EQ(judged().verdict, VerdictKind::inconclusive) << "the other was hunted too short a time to say so";
  other().hunted[0].host_s = 10;
  group().hunted[0].worst[0].latency_ns = 50'000;
  group().hunted[0].host_s = 5;
  EXPECT_EQ(judged().verdict, VerdictKind::pass);
  other().hunted[0].unanswered = 1;
  EXPECT_EQ(judged().verdict, VerdictKind::inconclusive) << "no fault of this kernel's";
  other().hunted.clear();
  EXPECT_EQ(judged().verdict, VerdictKind::inconclusive);
}

TEST_F(WorstCaseCheck, AVerdictIsBoundToTheBoundsAndHuntsThatItJudged) {
  run_.worst_case_sha256 = "of today";
  const auto sha256 = [&](const char* limit) {
    return evaluate(run_,
                    testing::make_policy(std::string("[[budget]]\nkernel = \"*\"\nload = \"*\"\n") + limit),
                    {})
        .value()
        .worst_case_sha256;
  };
  EXPECT_EQ(sha256("bound_us = 60\n"), "of today");
  EXPECT_EQ(sha256("max_us = 60\n"), "") << "what is hunted later changes nothing of it";
}

VerdictKind of_rule(const Verdict& verdict, const std::string& rule) {
  for (const Check& check : verdict.checks)
    if (check.rule == rule && check.quantity == "bound") return check.verdict;
  return VerdictKind::not_gated;
}

TEST_F(WorstCaseCheck, APolicyLimitsItAndComparesKernels) {
  const auto judged = [&](const char* max_ratio) {
    const Policy policy = testing::make_policy(
        std::string(
            "[[budget]]\nkernel = \"rt\"\nload = \"*\"\nbound_us = 60\n"
            "[[compare]]\nkernel = \"rt\"\nagainst = \"generic\"\nload = \"*\"\nquantity = \"bound\"\n"
            "max_ratio = ") +
        max_ratio + "\n");
    return evaluate(run_, policy, {});
  };
  const auto kept = judged("0.1");
  ASSERT_TRUE(kept) << kept.error().what;
  EXPECT_EQ(of_rule(*kept, "budget"), VerdictKind::pass);
  EXPECT_EQ(of_rule(*kept, "compare"), VerdictKind::pass);
  EXPECT_EQ(kept->questions, 0U) << "nothing of it is estimated";
  EXPECT_EQ(of_rule(*judged("0.09"), "compare"), VerdictKind::fail);
  other().worst_cases.clear();
  EXPECT_EQ(of_rule(*judged("0.1"), "compare"), VerdictKind::inconclusive);
  EXPECT_EQ(judged("0.1")->verdict, VerdictKind::inconclusive);
}

}  // namespace
}  // namespace loopgate::worst_case_check_test
