#include "explain/marked_programs.h"

#include <gmock/gmock.h>

#include "explain/testing/made_up_trace.h"

namespace loopgate::marked_programs_test {
namespace {

using ::testing::HasSubstr;

ProgramRecord program(const std::string& name, const std::string& path, std::int64_t began_ns,
                      std::int64_t ended_ns) {
  ProgramRecord record{.name = name,
                       .adapter = "google-benchmark",
                       .argv = {path, "-x"},
                       .began_ns = began_ns,
                       .ended_ns = ended_ns};
  record.result.verdict = ProgramVerdict::pass;
  return record;
}

PathWindow window(const char* task, std::int64_t begin_ns, std::int64_t end_ns) {
  PathWindow window;
  window.begin_ns = begin_ns;
  window.end_ns = end_ns;
  window.finished = true;
  window.task = testing::task(1, 10, task);
  return window;
}

// The guest's clock is 50 ns behind the machine's.
const std::vector<ProgramRecord> programs = {program("cyclictest", "cyclictest", 100, 200),
                                             program("pi-inherit", "/bin/pi_mutex_hand_over", 300, 400),
                                             program("pi-none", "/bin/pi_mutex_hand_over", 500, 600),
                                             program("null-call", "/bin/null_call", 700, 800)};
const std::vector<PathWindow> windows = {window("pi_mutex_hand_o", 360, 440),
                                         window("pi_mutex_hand_o", 560, 640), window("null_call", 760, 840)};

TEST(MarkedPrograms, WindowsGoToProgramsInTheirOrder) {
  EXPECT_EQ(*window_of(programs, 1, windows), &windows[0]);
  EXPECT_EQ(*window_of(programs, 2, windows), &windows[1]);
  EXPECT_EQ(*window_of(programs, 3, windows), &windows[2]);
}

TEST(MarkedPrograms, AProgramWithoutMarksIsRefused) {
  const auto refused = window_of(programs, 0, windows);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::usage);
  EXPECT_THAT(refused.error().what, HasSubstr("cyclictest has no marks"));
}

TEST(MarkedPrograms, OneThatWasNotStartedHasNoWindow) {
  auto others = programs;
  others[1].began_ns.reset();
  others[1].ended_ns.reset();
  const std::vector<PathWindow> one = {windows[1], windows[2]};
  EXPECT_EQ(*window_of(others, 2, one), &one[0]);
  EXPECT_THAT(window_of(others, 1, one).error().what, HasSubstr("has no marks"));
  others = programs;
  others[1].result.verdict = ProgramVerdict::not_applicable;  // it was, and said what it lacks
  EXPECT_EQ(*window_of(others, 2, one), &one[0]);
}

TEST(MarkedPrograms, WhatIsNotSureIsRefused) {
  const std::vector<PathWindow> fewer = {windows[0], windows[2]};
  const auto refused = window_of(programs, 2, fewer);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::data);
  EXPECT_THAT(refused.error().what, HasSubstr("ran 2 times and went through its marks 1 times"));
  std::vector<PathWindow> late = windows;
  late[1].begin_ns += 100'000;
  late[1].end_ns += 100'000;
  EXPECT_FALSE(window_of(programs, 2, late)) << "the programs were not that far apart";
}

TEST(MarkedPrograms, OneThatDidNotComeToItsEndIsRefused) {
  std::vector<PathWindow> died = windows;
  died[2].finished = false;
  EXPECT_THAT(window_of(programs, 3, died).error().what, HasSubstr("did not come from its begin mark"));
}

TEST(MarkedPrograms, IterationsAreTheProgramsOwnWord) {
  ProgramRecord record = programs[3];
  record.result.verdict = ProgramVerdict::pass;
  record.adapter = "cyclictest";
  EXPECT_THAT(iterations_of(record).error().what, HasSubstr("null-call has no marks"));
  record.adapter = "google-benchmark";
  EXPECT_THAT(iterations_of(record).error().what, HasSubstr("does not say how many iterations"));
  record.result.figures = {{"iterations", 2'000, "iterations", "", 0}};
  EXPECT_EQ(*iterations_of(record), 2'000U);
  record.result.figures[0].value = 0;
  record.result.verdict = ProgramVerdict::invalid;
  record.result.reason = "it was cut off";
  EXPECT_THAT(iterations_of(record).error().what, HasSubstr("null-call is invalid: it was cut off"));
}

TEST(MarkedPrograms, TheFigureIsTheMeanAndHasItsClocksSteps) {
  ProgramRecord record = programs[3];
  EXPECT_THAT(figure_of(record).error().what, HasSubstr("null-call left no mean"));
  record.result.figures = {{"instructions", 450, "instructions", "", 0}, {"mean", 451, "ns", "", 0}};
  EXPECT_FALSE(figure_of(record)) << "no clock's steps";
  record.result.histogram.emplace().resolution_ns = 16;
  EXPECT_EQ(figure_of(record)->mean_ns, 451);
  EXPECT_EQ(figure_of(record)->clock_step_ns, 16);
}

}  // namespace
}  // namespace loopgate::marked_programs_test
