#include "hunt/exact_shots.h"

#include <gtest/gtest.h>

namespace loopgate {
namespace {

constexpr std::uint32_t preemption_off = 0;  // in the table of places
constexpr std::uint32_t softirqs_off = 1;
constexpr std::uint32_t interrupt_handler = 2;
constexpr std::uint32_t real_time_task = 3;
constexpr std::uint32_t interrupts_off = 4;

SectionRecord window(std::int64_t begin_ns, std::uint32_t length_ns, std::uint32_t places = preemption_off) {
  return {begin_ns, length_ns, places, 0, 0};
}

VolleyEnd run_with(std::vector<SectionRecord> windows) {
  VolleyEnd run;
  run.sections.windows = std::move(windows);
  run.sections.places = {{static_cast<std::uint64_t>(SectionKind::preemption_off), {}, {}},
                         {static_cast<std::uint64_t>(SectionKind::softirqs_off), {}, {}},
                         {static_cast<std::uint64_t>(SectionKind::interrupt_handler), {}, {}},
                         {static_cast<std::uint64_t>(SectionKind::real_time_task), {}, {}},
                         {static_cast<std::uint64_t>(SectionKind::interrupts_off), {}, {}}};
  return run;
}

void add_sample(VolleyEnd* run, std::int64_t stimulus_ns, std::int64_t response_ns, std::uint32_t flags = 0) {
  Sample sample;
  sample.due_ns = sample.stimulus_ns = stimulus_ns;
  sample.response_ns = response_ns;
  sample.flags = flags | sample_sent | (response_ns < 0 ? sample_unanswered : sample_answered);
  sample.index = static_cast<std::uint32_t>(run->samples.size());
  run->samples.push_back(sample);
}

std::vector<std::int64_t> moments(const std::vector<ExactShot>& shots) {
  std::vector<std::int64_t> all;
  for (const ExactShot& shot : shots) all.push_back(shot.shots_ns.back());
  return all;
}

TEST(ExactShots, AreAtTheFirstInstructionsOfTheLongestWindows) {
  const VolleyEnd run = run_with({window(1'000, 50), window(2'000, 900), window(5'000, 300)});
  EXPECT_EQ(moments(exact_shots(run, 2, 0)), (std::vector<std::int64_t>{2'001, 5'001}));
  EXPECT_EQ(exact_shots(run, 2, 0).front().left_ns, 899);
  EXPECT_EQ(moments(exact_shots(run, 9, 300)), (std::vector<std::int64_t>{2'001, 5'001}));
}

TEST(ExactShots, ComeLaterWhereTheKernelEndedAWindowAndAreLeftOutWhereItDidSoAgain) {
  const VolleyEnd run =
      run_with({window(1'000, 50), window(20'000, 9'000, interrupts_off), window(50'000, 300)});
  const SectionPlaces places = run.sections.places[interrupts_off];
  EXPECT_EQ(exact_shots(run, 1, 0).front().places, places);
  EXPECT_EQ(moments(exact_shots(run, 9, 100, {}, {{places, 1}})),
            (std::vector<std::int64_t>{25'001, 50'001}));
  EXPECT_EQ(moments(exact_shots(run, 9, 4'500, {}, {{places, 1}})), std::vector<std::int64_t>())
      << "what is left of it promises less";
  EXPECT_EQ(moments(exact_shots(run, 1, 0, {400, {0, 0}, 2}, {{places, 1}})), std::vector<std::int64_t>())
      << "at 2 ns an instruction 10 us later, when this window is over";
  EXPECT_EQ(moments(exact_shots(run, 9, 0, {}, {{places, 2}})), (std::vector<std::int64_t>{50'001, 1'001}));
}

// Else the look that the window begins with would see the stimulus, and the kernel reschedule at once.
TEST(ExactShots, AreBehindTheLookOfAKernelThatDoesNotPreemptItself) {
  VolleyEnd run = run_with({window(2'000, 900)});
  run.preemptible = false;
  EXPECT_EQ(moments(exact_shots(run, 1, 0)), (std::vector<std::int64_t>{2'032}));
}

TEST(ExactShots, HaveTheCountedStimuliBeforeThem) {
  VolleyEnd run = run_with({window(2'000, 900)});
  add_sample(&run, 100, 200, sample_warm_up);
  add_sample(&run, 300, 400);
  add_sample(&run, 2'500, 2'600);
  EXPECT_EQ(exact_shots(run, 1, 0).front().shots_ns, (std::vector<std::int64_t>{300, 2'001}));
}

// Without the stimulus that was under way, the run would be another one by then.
TEST(ExactShots, LeaveOutWhereAStimulusWasUnderWay) {
  VolleyEnd run = run_with({window(2'000, 900), window(5'000, 300), window(9'000, 800)});
  add_sample(&run, 1'900, 2'100);
  add_sample(&run, 8'000, -1);
  EXPECT_EQ(moments(exact_shots(run, 3, 0)), (std::vector<std::int64_t>{5'001}));
}

TEST(ExactShots, LeaveOutWhatWasHitAtItsBegin) {
  VolleyEnd run = run_with({window(2'000, 900), window(5'000, 300)});
  add_sample(&run, 2'010, 3'000);  // the end of the block that opened the window
  EXPECT_EQ(moments(exact_shots(run, 3, 0)), (std::vector<std::int64_t>{5'001}));
}

TEST(ExactShots, LeaveOutOtherKindsAndWindowsThatBeginTogether) {
  const VolleyEnd run = run_with({window(1'000, 999, softirqs_off), window(2'000, 900), window(2'000, 700)});
  EXPECT_EQ(moments(exact_shots(run, 3, 0)), (std::vector<std::int64_t>{2'001}));
}

SectionRecord on_cpu(SectionRecord window, std::uint32_t cpu) {
  window.cpu = cpu;
  return window;
}

// What led to the window stays as it was, since the round in which it opened is over.
TEST(ExactShots, AreARoundBehindTheBeginWhereCpusTakeTurns) {
  VolleyEnd run =
      run_with({on_cpu(window(2'000, 900), 1), window(5'000, 3'000), on_cpu(window(9'000, 800), 1)});
  run.preemptible = false;
  EXPECT_EQ(moments(exact_shots(run, 3, 0, {400, {0, 1}})), (std::vector<std::int64_t>{2'400, 9'400}));
  EXPECT_EQ(moments(exact_shots(run, 3, 0, {400, {1, 0}})), (std::vector<std::int64_t>{5'400}));
  add_sample(&run, 5'450, 9'000);  // the instrument's, aimed as the window opened
  EXPECT_TRUE(exact_shots(run, 3, 0, {400, {1, 0}}).empty());
}

TEST(ExactShots, AreInTheInterruptsWindowsAndInThoseOfItsThread) {
  const VolleyEnd run =
      run_with({on_cpu(window(2'000, 900, interrupts_off), 0), window(4'000, 800),
                on_cpu(window(6'000, 700, interrupts_off), 1), on_cpu(window(8'000, 600), 1)});
  EXPECT_EQ(moments(exact_shots(run, 4, 0, {400, {0, 1}})), (std::vector<std::int64_t>{2'400, 8'400}));
}

// CPU 1 takes the interrupt, CPU 0 runs its thread. Of eight stimuli six are held back, and CPU 0's timer
// comes first.
TEST(CpusOfShots, AreThoseOfTheQuickest) {
  VolleyEnd run = run_with({});
  EXPECT_EQ(cpus_of_shots(run).interrupt, 0U) << "no stimulus was sent";
  for (std::int64_t i = 0; i < 8; ++i) {
    const std::int64_t at_ns = 10'000 * (i + 1);
    const bool held = i < 6;
    if (held) run.sections.windows.push_back(window(at_ns + 10, 9, interrupt_handler));
    if (held) run.sections.windows.push_back(on_cpu(window(at_ns + 30, 9, real_time_task), 1));
    run.sections.windows.push_back(on_cpu(window(at_ns + 50, 9, interrupt_handler), 1));
    run.sections.windows.push_back(window(at_ns + 90, 9, real_time_task));
    add_sample(&run, at_ns, at_ns + (held ? 900 : 500));
  }
  add_sample(&run, 10'001, 10'100, sample_warm_up);
  EXPECT_EQ(cpus_of_shots(run).interrupt, 1U);
  EXPECT_EQ(cpus_of_shots(run).thread, 0U);
}

TEST(SectionAround, IsTheCpusOwn) {
  const VolleyEnd run = run_with({on_cpu(window(1'000, 900), 1), window(1'050, 200)});
  EXPECT_EQ(section_around(run.sections, 1'100, {0, 1})->begin_ns, 1'000);
  EXPECT_EQ(section_around(run.sections, 1'100)->begin_ns, 1'050);
}

TEST(SectionAround, IsTheOneThatLastsLongest) {
  const VolleyEnd run = run_with(
      {window(1'000, 200), window(1'050, 900), window(1'000, 5'000, softirqs_off), window(4'000, 10)});
  ASSERT_NE(section_around(run.sections, 1'100), nullptr);
  EXPECT_EQ(section_around(run.sections, 1'100)->begin_ns, 1'050);
  EXPECT_EQ(section_around(run.sections, 3'000), nullptr);
  EXPECT_EQ(section_around(run.sections, 4'000), nullptr) << "the stimulus's own interrupt";
}

}  // namespace
}  // namespace loopgate
