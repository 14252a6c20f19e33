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
  group().worst_cases.clear();
  for (const char* key : {"bound", "longest_irq_off", "longest_preempt_off", "hunted_max"}) {
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

TEST_F(WorstCaseCheck, AHuntedSampleAboveTheBoundMakesItNone) {
  group().worst_cases[0].hunted_max_ns = 55'000;
  EXPECT_EQ(check("hunted_max", 55'000).verdict, VerdictKind::pass);
  EXPECT_EQ(check("hunted_max", 54'999).verdict, VerdictKind::fail);
  group().worst_cases[0].hunted_max_ns = 60'001;
  EXPECT_EQ(bound().verdict, VerdictKind::invalid);
  EXPECT_THAT(bound().why, HasSubstr("`loopgate bound` again"));
  EXPECT_EQ(check("hunted_max", 60'000).verdict, VerdictKind::fail)
      << "it was measured, whatever the bound says";
}

TEST_F(WorstCaseCheck, WhatChanceFoundIsNoLessThanWhatWasHunted) {
  group().worst_cases[0].hunted_max_ns = 100;
  EXPECT_EQ(check("hunted_max", 44'999).verdict, VerdictKind::fail) << "a random sample took 45 us";
  EXPECT_EQ(check("hunted_max", 45'000).verdict, VerdictKind::pass);
}

TEST_F(WorstCaseCheck, OfOtherSamplesItIsNone) {
  group().worst_cases[0].observed_max_ns = 39'999;
  for (const char* key : {"bound", "longest_irq_off", "longest_preempt_off", "hunted_max"})
    EXPECT_EQ(check(key, 100'000).verdict, VerdictKind::invalid) << key;
}

TEST_F(WorstCaseCheck, WhatWasNeverAnsweredHasNoBound) {
  group().summary.counts.unanswered = 1;
  EXPECT_EQ(bound().verdict, VerdictKind::invalid);
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
