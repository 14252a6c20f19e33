#include "explain/timer_path.h"

#include <gmock/gmock.h>

#include <numeric>

namespace loopgate::timer_path_test {
namespace {

using ::testing::HasSubstr;

// 100 ns until the interrupt is taken, 1,000 of hardirq, 2,700 and 900 of the irq thread, 5,000 of the
// payload's wakeup, 2,000 on its way back to user space, 200 there, and 4,000 in the call that answers.
ExplainedSample answered() {
  ExplainedSample sample;
  sample.phase_ns = {100, 1'000, 2'700, 900, 5'000, 200, 6'000};
  sample.latency_ns = std::accumulate(sample.phase_ns.begin(), sample.phase_ns.end(), std::int64_t{0});
  sample.spans = {{9'700, 11'700, Phase::system_calls, 1, 1, false, true},
                  {11'700, 11'900, Phase::payload, 1, 1, false, false},
                  {11'900, 15'900, Phase::system_calls, 1, 1, false, true}};
  return sample;
}

const ProgramBeside cyclictest = {"cyclictest", {5'000, 5'999}, {27'000, 27'999}};

TEST(TimersWay, HasEachPartOnceAndTheyAddUpToTheLatency) {
  const auto parts = timers_parts(answered());
  EXPECT_EQ(sum_of(parts, OnTimersWay::none), 2'700 + 900 + 4'200) << "the irq thread and the answer";
  EXPECT_EQ(sum_of(parts, OnTimersWay::its_own), 1'000 + 2'000) << "hardirq, and back from the system call";
  EXPECT_EQ(sum_of(parts, OnTimersWay::too), 100 + 5'000) << "irqs disabled, and the wakeup";
  std::int64_t all_ns = 0;
  for (const PathPart& part : parts) all_ns += part.ns;
  EXPECT_EQ(all_ns, answered().latency_ns);
}

TEST(TimersWay, TakesAPayloadThatNeverCameBackToUserSpaceAsOnItsWayBack) {
  ExplainedSample sample = answered();
  sample.spans = {{9'700, 15'900, Phase::system_calls, 1, 1, false, true}};
  sample.phase_ns = {100, 1'000, 2'700, 900, 5'000, 0, 6'200};
  EXPECT_EQ(timers_parts(sample).back().ns, 0);
}

TEST(TimersWay, IsSaidInNumbersFirst) {
  EXPECT_EQ(
      timers_sentence(answered(), cyclictest),
      "7,800 ns of 15,900 ns are on no way from a timer to its program (irq thread wakeup latency 2,700 ns, "
      "irq thread 900 ns, the answer 4,200 ns); cyclictest has parts of its own in place of 3,000 ns, and "
      "meets the same as 5,100 ns. In this cell it measured a median of 5.00 to 6.00 us and a max of 27.0 to "
      "28.0 us of itself");
}

TEST(ProgramBesideTheSample, IsNothingWhereItsFiguresCannotBeBelieved) {
  ProgramsFile file{.cell = "rt.mixed", .stimuli = StimuliTime{1, 2}};
  EXPECT_FALSE(program_beside(file)) << "none ran";
  ProgramRecord record{.name = "cyclictest", .adapter = "cyclictest", .argv = {"cyclictest"}};
  record.result.verdict = ProgramVerdict::pass;
  record.result.histogram = LatencyHistogram{0, 1'000, {0, 0, 0, 0, 0, 9, 1}, 0, 5'000, 6'000, 1'000};
  file.programs = {record};
  const auto beside = program_beside(file);
  ASSERT_TRUE(beside);
  EXPECT_EQ(beside->median, (LatencyRange{5'000, 5'999}));
  EXPECT_EQ(beside->max, (LatencyRange{6'000, 6'999}));
  file.programs[0].result.verdict = ProgramVerdict::invalid;
  EXPECT_FALSE(program_beside(file));
  file.programs = {record};
  file.stimuli.reset();
  EXPECT_FALSE(program_beside(file)) << "it ran in place of a payload";
}

}  // namespace
}  // namespace loopgate::timer_path_test
