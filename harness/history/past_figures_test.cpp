// What a history shows of what programs measured, and of worst cases.
#include "history/past_figures.h"

#include <gmock/gmock.h>

#include "history/history.h"

namespace loopgate::past_figures_test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

ProgramReplicate replicate(std::vector<ProgramFigure> figures) {
  ProgramReplicate one;
  one.result.verdict = ProgramVerdict::pass;
  one.result.figures = std::move(figures);
  return one;
}

ProgramFigure mean(double us) { return {"mean", us, "us", "CLOCK_MONOTONIC"}; }
ProgramFigure max(double us) { return {"max", us, "us", "CLOCK_MONOTONIC"}; }

GroupEvidence cyclictest(double us) {
  GroupEvidence group;
  group.kernel = "rt";
  group.load = "mixed";
  group.programs = {{"cyclictest", {replicate({mean(us), max(us * 3)})}}};
  return group;
}

TEST(PastFigures, OfAProgramTheLargestMaximumAndTheMedianOfItsMeans) {
  GroupEvidence group;
  group.programs = {
      {"cyclictest",
       {replicate({mean(7), max(18)}), replicate({mean(9), max(12)}), replicate({mean(8), max(13)})}},
      {"null-call", {replicate({{"instructions", 452, "instructions", ""}, mean(1)})}}};
  const auto figures = past_figures(group);
  ASSERT_EQ(figures.size(), 3U);
  EXPECT_EQ(figures[0].column, (FigureColumn{"cyclictest max", "cyclictest max", "us", false}));
  EXPECT_EQ(figures[0].value, 18);
  EXPECT_EQ(find_figure(figures, "cyclictest mean")->value, 8);
  EXPECT_TRUE(find_figure(figures, "cyclictest mean")->column.is_tested);
  EXPECT_EQ(find_figure(figures, "null-call instructions")->value, 452);
}

TEST(PastFigures, WhatAReplicateLacksIsNoFigure) {
  GroupEvidence group;
  group.programs = {{"cyclictest", {replicate({max(18)}), replicate({})}}, {"ssdd", {}}};
  EXPECT_THAT(past_figures(group), IsEmpty());
}

TEST(PastFigures, OfWorstCasesTheLargestOfTheCells) {
  GroupEvidence group;
  CellWorstCase one;
  one.cell = "rt.mixed";
  one.bound_ns = 900;
  one.with_hunted_ns = 600;
  one.longest_irq_off.ns = 31;
  CellWorstCase other = one;
  other.cell = "rt.mixed.2";
  other.bound_ns = 700;
  other.with_hunted_ns = 500;
  group.worst_cases = {one, other};
  group.hunted.resize(2);
  group.hunted[0].worst.emplace_back().latency_ns = 600;
  group.hunted[1].worst.emplace_back().latency_ns = 500;
  group.hunted[0].cell = one.cell;
  group.hunted[1].cell = other.cell;
  const auto figures = past_figures(group);
  EXPECT_EQ(find_figure(figures, "bound")->value, 900);
  EXPECT_EQ(find_figure(figures, "hunted_max")->value, 600);
  EXPECT_FALSE(find_figure(figures, "hunted_max")->column.is_tested);
  EXPECT_EQ(find_figure(figures, "p50"), nullptr);
  group.hunted[1].worst.front().latency_ns = 950;
  const auto since = past_figures(group);
  EXPECT_EQ(find_figure(since, "bound"), nullptr) << "a hunt since then has exceeded it";
  EXPECT_EQ(find_figure(since, "hunted_max")->value, 950);
}

PastRun run_of(int day, double us, const std::string& programs = "cyclictest") {
  PastRun run;
  run.name = "v" + std::to_string(10 + day);
  run.started = "2026-01-" + run.name.substr(1);
  run.run_sha256 = run.name + programs;
  run.programs = programs;
  run.has_stimuli = false;
  PastGroup group;
  group.kernel = "rt";
  group.load = "mixed";
  group.figures = past_figures(cyclictest(us));
  run.groups.push_back(group);
  return run;
}

TEST(PastFigures, AChangeIsFoundInAMeanAndNotInAMaximum) {
  std::vector<PastRun> runs;
  for (int day = 0; day < 12; ++day) runs.push_back(run_of(day, day < 6 ? 7 : 9));
  const History history = history_of(std::move(runs));
  ASSERT_EQ(history.sets.size(), 1U);
  const auto& changes = history.sets[0].series[0].changes;
  ASSERT_EQ(changes.size(), 1U);
  EXPECT_EQ(changes[0].figure.key, "cyclictest mean");
  EXPECT_EQ(history.runs[changes[0].run].name, "v16");
  EXPECT_THAT(history_text(history), HasSubstr("cyclictest mean changed at v16: 7 us before, 9 us after"));
}

TEST(PastFigures, RunsOfOtherProgramsAreAnotherSeries) {
  const History history = history_of({run_of(1, 7), run_of(2, 7, "cyclictest,hackbench")});
  EXPECT_EQ(history.sets.size(), 2U);
  EXPECT_THAT(history_text(history), HasSubstr("definitions "));
}

}  // namespace
}  // namespace loopgate::past_figures_test
