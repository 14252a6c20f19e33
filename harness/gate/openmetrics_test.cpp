// What the text says; that it is OpenMetrics at all is held against a parser in testing/test_gate_export.py.
#include "gate/openmetrics.h"

#include <gmock/gmock.h>

#include "gate/evaluate.h"
#include "gate/testing/made_up_run.h"

namespace loopgate::openmetrics_test {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using testing::latencies_with;
using testing::make_policy;
using testing::make_statistics;
using ::testing::Not;

constexpr const char* budget = "[[budget]]\nkernel = \"*\"\nload = \"*\"\np99_us = 100\n";

class OpenMetrics : public ::testing::Test {
 protected:
  OpenMetrics() { run_.circumstances.started = "2026-01-31T12:00:00Z"; }
  std::string text(const Comparison& comparison, const std::string& rules = budget,
                   const char* head = testing::policy_head) {
    const auto verdict = evaluate(comparison, make_policy(rules, head), {});
    EXPECT_TRUE(verdict) << to_text(verdict.error());
    return to_openmetrics(*verdict, comparison, run_);
  }

  RunRecord run_;
};

std::string labels(const std::string& kernel) {
  return "suite=\"irq-to-gpio\",board=\"qemu-virt-arm64\",time_base=\"virtual\",measured_by=\"instrument\","
         "kernel=\"" +
         kernel + "\",load=\"mixed\"";
}

TEST_F(OpenMetrics, SaysFiguresInSecondsWithWhenTheRunBegan) {
  const std::string all = text(make_statistics({{"rt", "mixed", latencies_with(3'000, 0)}}));
  EXPECT_THAT(
      all, HasSubstr("# TYPE loopgate_virtual_latency_seconds gauge\n# UNIT "
                     "loopgate_virtual_latency_seconds seconds\n# HELP loopgate_virtual_latency_seconds "));
  EXPECT_THAT(all, HasSubstr("loopgate_virtual_latency_seconds{" + labels("rt") +
                             ",quantity=\"p99\"} 2e-05 1769860800\n"));
  EXPECT_THAT(all, HasSubstr("loopgate_stimuli{" + labels("rt") + ",quantity=\"count\"} 3000 1769860800\n"));
  EXPECT_THAT(all,
              HasSubstr("loopgate_verdict{" + labels("rt") + ",loopgate_verdict=\"PASS\"} 1 1769860800\n"));
  EXPECT_THAT(all, EndsWith("\n# EOF\n"));
}

TEST_F(OpenMetrics, AQuantileThatIsNotResolvedHasNoSample) {
  const std::string all = text(make_statistics({{"rt", "mixed", latencies_with(50, 0)}}));
  EXPECT_THAT(all, HasSubstr("quantity=\"p50\"}"));
  EXPECT_THAT(all, Not(HasSubstr("quantity=\"p99_99\"}")));
}

TEST_F(OpenMetrics, WhatIsNoPassIsItsOwnState) {
  const std::string all =
      text(make_statistics({{"slow", "mixed", latencies_with(3'000, 100)},
                            {"few", "mixed", latencies_with(100, 0)},
                            {"lost", "mixed", {}, {{"lost.mixed", "invalid", "the load died"}}}}));
  for (const auto& [kernel, state] : std::vector<std::pair<std::string, std::string>>{
           {"slow", "FAIL"}, {"few", "INCONCLUSIVE"}, {"lost", "INVALID"}}) {
    const std::string series = "loopgate_verdict{" + labels(kernel) + ",loopgate_verdict=";
    EXPECT_THAT(all, HasSubstr(series + "\"" + state + "\"} 1 "));
    EXPECT_THAT(all, HasSubstr(series + "\"PASS\"} 0 "));
  }
  EXPECT_THAT(all, HasSubstr("loopgate_gate_verdict=\"INVALID\"} 1 "));
}

TEST_F(OpenMetrics, AnInvalidGroupHasAGapAndItsCellsAreCounted) {
  Comparison comparison = make_statistics(
      {{"half", "mixed", latencies_with(3'000, 0), {{"half.mixed.2", "invalid", "the load died"}}}});
  comparison.groups.front().cells = {"half.mixed", "half.mixed.2"};
  const std::string all = text(comparison);
  EXPECT_THAT(all, Not(HasSubstr("loopgate_virtual_latency_seconds")));
  EXPECT_THAT(all, Not(HasSubstr("loopgate_stimuli")));
  EXPECT_THAT(all, HasSubstr("loopgate_cells{" + labels("half") + ",outcome=\"invalid\"} 1 "));
  EXPECT_THAT(all, HasSubstr("loopgate_cells{" + labels("half") + ",outcome=\"measured\"} 1 "));
}

TEST_F(OpenMetrics, WallClockLatenciesAreAFamilyOfTheirOwn) {
  const Comparison wall = testing::make_wall_statistics({{"rt", "mixed", {latencies_with(3'000, 0)}}});
  const std::string all =
      text(wall, "[[budget]]\nkernel = \"*\"\nload = \"*\"\nmax_us = 100\n", testing::wall_policy_head);
  EXPECT_THAT(all, HasSubstr("loopgate_wall_latency_seconds{"));
  EXPECT_THAT(all, Not(HasSubstr("virtual")));
}

TEST_F(OpenMetrics, WhatProgramsMeasuredIsAFamilyWithItsUnitAsALabel) {
  Comparison comparison = make_statistics({{"rt", "mixed", latencies_with(3'000, 0)}});
  ProgramReplicate replicate;
  replicate.cell = "rt.mixed";
  replicate.result.verdict = ProgramVerdict::pass;
  replicate.result.figures = {{"max", 18.5, "us", "CLOCK_MONOTONIC"}, {"cycles", 1000, "cycles", ""}};
  comparison.groups.front().programs = {{"cyclic\"test", {replicate}}};
  const std::string all = text(comparison);
  const std::string series = "loopgate_program_figure{" + labels("rt") + ",program=\"cyclic\\\"test\",";
  EXPECT_THAT(all,
              HasSubstr(series + "cell=\"rt.mixed\",figure=\"max\",unit=\"us\",clock=\"CLOCK_MONOTONIC\"} "
                                 "18.5 1769860800\n"));
  EXPECT_THAT(all, HasSubstr("figure=\"cycles\",unit=\"cycles\",clock=\"\"} 1000 "));
}

TEST_F(OpenMetrics, EscapesWhatANameHolds) {
  const std::string all = text(make_statistics({{"a\"b\\c\nd\xff", "mixed", latencies_with(3'000, 0)}}));
  EXPECT_THAT(all, HasSubstr("kernel=\"a\\\"b\\\\c d\xEF\xBF\xBD\""));
}

TEST_F(OpenMetrics, TwoChecksThatDemandTheSameAreOneSeriesAndTheWorse) {
  Verdict verdict;
  verdict.verdict = VerdictKind::invalid;
  const Comparison comparison = make_statistics({{"rt", "mixed", latencies_with(3'000, 0)}});
  Check check;
  check.kernel = "rt";
  check.load = "mixed";
  check.rule = "budget";
  check.demand = "max at most 30 us";
  check.verdict = VerdictKind::invalid;
  verdict.checks.push_back(check);
  check.verdict = VerdictKind::pass;
  verdict.checks.push_back(check);
  const std::string all = to_openmetrics(verdict, comparison, run_);
  EXPECT_THAT(all, HasSubstr("demand=\"max at most 30 us\",loopgate_check_verdict=\"INVALID\"} 1 "));
  EXPECT_THAT(all, Not(HasSubstr("loopgate_check_verdict=\"PASS\"} 1 ")));
}

TEST_F(OpenMetrics, WithoutATimeThereIsNoTimestamp) {
  run_.circumstances.started = "yesterday";
  EXPECT_THAT(text(make_statistics({{"rt", "mixed", latencies_with(3'000, 0)}})),
              HasSubstr("quantity=\"max\"} 2e-05\n"));
}

}  // namespace
}  // namespace loopgate::openmetrics_test
