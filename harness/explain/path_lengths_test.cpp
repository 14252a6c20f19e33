#include "explain/path_lengths.h"

#include <gmock/gmock.h>

#include <numeric>

#include "explain/path_report.h"
#include "explain/testing/made_up_path.h"

namespace loopgate::path_lengths_test {
namespace {

using namespace loopgate::testing;  // NOLINT(google-build-using-namespace)
using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::uint64_t lock_slow = kernel, lock_slow_copy = kernel + 0x1000, schedule = kernel + 0x2000,
                        tick = kernel + 0x3000;

const TraceTask program = task(1, 10, "pi-mutex");
const TraceTask thread = [] {
  TraceTask other = task(2, 11, "waiter");
  other.process = 10;
  return other;
}();
const TraceTask idle_task = task(3, 0, "swapper/0");
const TraceTask irq_thread = task(4, 40, "irq/18-stimulus", 1, 49);

Symbols symbols() {
  return *Symbols::of_kernel(kallsyms({"rt_mutex_slowlock", "rt_mutex_slowlock.isra.0", "schedule", "tick"}));
}

PathWindow window() {
  PathWindow path;
  path.begin_ns = 1'000;
  path.task = program;
  path.finished = true;
  path.parts = {{program, false, {{0, 100}, {lock_slow + 8, 40}, {lock_slow_copy, 2}}},
                {thread, false, {{0, 10}, {schedule, 30}}},
                {program, true, {{tick, 7}}},
                {idle_task, false, {{schedule, 5}}},
                {irq_thread, false, {{schedule, 6}}}};
  path.idle_ns = 50;
  path.end_ns = 1'250;
  return path;
}

std::uint64_t sum_of(const std::map<std::string, std::uint64_t>& parts) {
  return std::accumulate(parts.begin(), parts.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const auto& part) { return sum + part.second; });
}

PathLength length_of(const PathWindow& path, std::uint64_t iterations = 10) {
  Symbols names = symbols();
  auto length = path_length(path, iterations, &names);
  EXPECT_TRUE(length) << length.error().what;
  return length.value_or(PathLength{});
}

TEST(PathLength, SumsAddUpByFunctionAndByWhoseTheyAre) {
  const PathLength length = length_of(window());
  EXPECT_EQ(length.window_ns, 250);
  EXPECT_EQ(length.instructions, 200U);
  EXPECT_EQ(static_cast<std::int64_t>(length.instructions) + length.idle_ns, length.window_ns);
  EXPECT_EQ(sum_of(length.functions), length.instructions);
  EXPECT_EQ(length.functions.at("rt_mutex_slowlock"), 42U) << "the compiler's copy is the same function";
  EXPECT_EQ(length.functions.at("schedule"), 30U + 5 + 6);
  EXPECT_EQ(length.functions.at("user space of pi-mutex"), 100U);
  EXPECT_EQ(length.shares, (PathShares{.in_user_space = 110,
                                       .in_kernel = 72,
                                       .in_interrupts = 7,
                                       .of_idle_task = 5,
                                       .of_other_tasks = {{"irq/18-stimulus", 6}}}));
  EXPECT_EQ(length.instructions_each(), 20);
}

TEST(PathLength, WhatIsOutsideOfTheTimedPartsIsNotInIt) {
  PathWindow path = window();
  path.timed_parts = 10;
  path.outside_instructions = 2'000;
  path.outside_idle_ns = 30;
  path.end_ns += 2'030;
  const PathLength length = length_of(path);
  EXPECT_EQ(length.window_ns, 250);
  EXPECT_EQ(length.outside_instructions, 2'000U);
  EXPECT_EQ(length.outside_idle_ns, 30);
  Symbols names = symbols();
  EXPECT_THAT(path_length(path, 11, &names).error().what,
              HasSubstr("10 timed parts, and the program says 11"));
  path.misplaced_marks = 2;
  EXPECT_THAT(path_length(path, 10, &names).error().what,
              HasSubstr("2 marks of timed parts are out of place"));
}

TEST(PathLength, AFigureIsWhatWasCountedAndTheMarks) {
  PathLength parts = length_of(window());  // 25 ns an iteration
  parts.timed_parts = 10;
  const auto agrees = [](PathLength length, double mean_ns, std::int64_t step_ns) {
    length.figure = {mean_ns, step_ns};
    return length.figure_agrees();
  };
  EXPECT_TRUE(agrees(parts, 26, 0)) << "one mark an iteration";
  EXPECT_FALSE(agrees(parts, 25.9, 0));
  EXPECT_TRUE(agrees(parts, 26 - 15.9, 16));
  EXPECT_TRUE(agrees(parts, 26 + 15.9, 16));
  EXPECT_FALSE(agrees(parts, 26 + 16.1, 16));
  PathLength whole = parts;
  whole.timed_parts = 0;
  EXPECT_TRUE(agrees(whole, 25.1, 0)) << "one mark in ten iterations";
  EXPECT_FALSE(agrees(whole, 26, 0));
  EXPECT_TRUE(agrees(whole, 25.1 + 1.5, 16));
  EXPECT_FALSE(agrees(whole, 25.1 + 1.7, 16));
}

TEST(PathLength, TimeThatNothingExplainsIsRefused) {
  PathWindow path = window();
  path.unknown_ns = 3;
  Symbols names = symbols();
  const auto refused = path_length(path, 10, &names);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::data);
  EXPECT_THAT(refused.error().what, HasSubstr("3 ns passed without an instruction"));
}

TEST(PathLength, ANameIsAsTheSourceHasIt) {
  EXPECT_EQ(name_in_source("try_to_wake_up"), "try_to_wake_up");
  EXPECT_EQ(name_in_source("ttwu_do_activate.isra.0"), "ttwu_do_activate");
  EXPECT_EQ(name_in_source("task_blocks_on_rt_mutex.constprop.0.isra.0"), "task_blocks_on_rt_mutex");
  EXPECT_EQ(name_in_source("el0_svc.cold"), "el0_svc");
  EXPECT_EQ(name_in_source("0xffff800080000000"), "0xffff800080000000");
  EXPECT_EQ(name_in_source(".cold"), ".cold");
}

TEST(PathDifferences, TheLargestComesFirstAndAllOfThemAddUp) {
  const PathLength here = length_of(window());
  PathWindow other = window();
  other.parts[0].counts = {{0, 100}, {lock_slow, 400}};  // twice the iterations, ten times the lock
  const PathLength there = length_of(other, 20);
  const auto all = path_differences(here, &there);
  ASSERT_EQ(all.size(), 5U);
  EXPECT_EQ(all[0].function, "rt_mutex_slowlock");
  EXPECT_DOUBLE_EQ(all[0].here, 4.2);
  EXPECT_DOUBLE_EQ(all[0].there, 20);
  EXPECT_DOUBLE_EQ(all[0].more(), -15.8);
  double more = 0;
  for (const PathDifference& each : all) more += each.more();
  EXPECT_NEAR(more, here.instructions_each() - there.instructions_each(), 1e-9);
  EXPECT_EQ(path_differences(here, nullptr).front().function, "user space of pi-mutex");
}

PathExplanation explanation() {
  PathExplanation explained{.program = "pi-mutex-inherit", .here = length_of(window())};
  explained.here.cell = "preempt-rt.idle";
  explained.here.kernel = "preempt-rt";
  explained.here.figure = {25.1, 16};
  PathWindow other = window();
  other.parts[0].counts[1].instructions = 10;
  other.idle_ns = 0;
  other.end_ns -= 50 + 30;
  explained.against = length_of(other);
  explained.against->cell = "generic.idle";
  explained.against->kernel = "generic";
  explained.against->figure = {17.1, 16};
  return explained;
}

TEST(PathReport, TheSentenceNamesTheFunctionsThatMakeTheDifference) {
  EXPECT_EQ(path_sentence(explanation()),
            "pi-mutex-inherit: preempt-rt 20 instructions an iteration, generic 17: +3, of which "
            "rt_mutex_slowlock +3; besides 5 ns idle and 0");
  PathExplanation alone = explanation();
  alone.against.reset();
  EXPECT_EQ(path_sentence(alone),
            "pi-mutex-inherit: preempt-rt 20 instructions an iteration, of which user space of pi-mutex 10, "
            "rt_mutex_slowlock 4.2, schedule 4.1; besides 5 ns idle");
}

TEST(PathReport, AFigureThatIsNotWhatWasCountedIsSaidByName) {
  EXPECT_THAT(
      to_text(explanation()),
      HasSubstr("generic.idle: the figure is what was counted, and 0.1 ns an iteration more: 0.1 more for "
                "its mark, the rest by its clock's steps of 16 ns"));
  PathExplanation other = explanation();
  other.against->figure.mean_ns = 1'234.5;
  EXPECT_THAT(path_sentence(other), HasSubstr("; NOT the figure of generic.idle, which is 1,234.5 ns"));
  const std::string text = to_text(other);
  EXPECT_THAT(text,
              HasSubstr("generic.idle: the figure is NOT what was counted, but 1217.5 ns an iteration more"));
  EXPECT_THAT(text, HasSubstr("preempt-rt.idle: the figure is what was counted"));
  EXPECT_THAT(text, Not(HasSubstr("prepares and cleans up")));
  other.here.timed_parts = other.against->timed_parts = 10;
  other.here.outside_instructions = 26'220;
  EXPECT_THAT(to_text(other), HasSubstr("prepares and cleans up, not in the figure                2,622"));
}

TEST(PathReport, WhatDoesNotDifferIsNotSaid) {
  PathExplanation same = explanation();
  same.against = same.here;
  same.against->cell = "preempt-rt.mixed";
  EXPECT_EQ(
      path_sentence(same),
      "pi-mutex-inherit: preempt-rt.idle 20 instructions an iteration, preempt-rt.mixed 20: 0; besides 5 ns "
      "idle and 5")
      << "cells are named where the kernel is the same";
}

TEST(PathReport, TheTableShowsTenAndTheRest) {
  PathExplanation many = explanation();
  for (int i = 0; i < 20; ++i) {
    many.here.functions["f" + std::to_string(i)] = 100;
    many.here.instructions += 100;
  }
  const std::string text = to_text(many);
  EXPECT_THAT(text, HasSubstr("the other 15 functions"));
  EXPECT_THAT(text, HasSubstr("instructions, their sum"));
  EXPECT_THAT(text, HasSubstr("another task: irq/18-stimulus"));
  EXPECT_THAT(text, HasSubstr("10 iterations in 250 ns of virtual time"));
  many.against.reset();
  EXPECT_THAT(to_text(many), Not(HasSubstr("difference")));
}

}  // namespace
}  // namespace loopgate::path_lengths_test
