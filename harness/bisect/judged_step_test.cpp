#include "bisect/judged_step.h"

#include <gmock/gmock.h>

namespace loopgate {
namespace {

Verdict verdict_with(VerdictKind kind, std::vector<Check> checks = {}) {
  Verdict verdict;
  verdict.verdict = kind;
  verdict.checks = std::move(checks);
  verdict.groups = {{"candidate", "idle", kind, false}};
  return verdict;
}

Check ratio_check(VerdictKind kind, double seen, std::string why) {
  Check check;
  check.rule = "baseline";
  check.quantity = "p50";
  check.verdict = kind;
  check.seen = seen;
  check.limit = 1.01;
  check.why = std::move(why);
  return check;
}

TEST(JudgedStep, PassIsGoodAndFailIsBad) {
  EXPECT_EQ(judged_step(verdict_with(VerdictKind::pass), false).result, StepResult::good);
  EXPECT_EQ(judged_step(verdict_with(VerdictKind::fail), false).result, StepResult::bad);
}

TEST(JudgedStep, WhatIsNotDecidedIsNeither) {
  EXPECT_EQ(judged_step(verdict_with(VerdictKind::inconclusive), true).result, StepResult::undecided);
  EXPECT_EQ(judged_step(verdict_with(VerdictKind::not_gated), true).result, StepResult::undecided);
  const JudgedStep invalid = judged_step(verdict_with(VerdictKind::invalid), true);
  EXPECT_EQ(invalid.result, StepResult::cannot_test);
  EXPECT_TRUE(invalid.invalid);
}

TEST(JudgedStep, AKernelThatFailsCannotBeTestedUnlessTheBadEndFails) {
  Verdict verdict = verdict_with(VerdictKind::fail);
  verdict.groups.front().kernel_failed = true;
  EXPECT_EQ(judged_step(verdict, false).result, StepResult::cannot_test);
  EXPECT_EQ(judged_step(verdict, true).result, StepResult::bad);
}

TEST(JudgedStep, TheCheckThatDecidedIsTheOneFurthestOff) {
  const JudgedStep step =
      judged_step(verdict_with(VerdictKind::fail, {ratio_check(VerdictKind::pass, 9, "passed"),
                                                   ratio_check(VerdictKind::fail, 1.2, "little"),
                                                   ratio_check(VerdictKind::fail, 1.5, "much")}),
                  false);
  EXPECT_EQ(step.why, "much");
  EXPECT_EQ(step.quantity, "p50");
  EXPECT_EQ(step.seen, 1.5);
  EXPECT_EQ(step.limit, 1.01);
}

}  // namespace
}  // namespace loopgate
