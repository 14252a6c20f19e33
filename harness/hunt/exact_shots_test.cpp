#include "hunt/exact_shots.h"

#include <gtest/gtest.h>

namespace loopgate {
namespace {

constexpr std::uint32_t preemption_off = 0;  // in the table of places
constexpr std::uint32_t softirqs_off = 1;

SectionRecord window(std::int64_t begin_ns, std::uint32_t length_ns, std::uint32_t places = preemption_off) {
  return {begin_ns, length_ns, places, 0, 0};
}

VolleyEnd run_with(std::vector<SectionRecord> windows) {
  VolleyEnd run;
  run.sections.windows = std::move(windows);
  run.sections.places = {{static_cast<std::uint64_t>(SectionKind::preemption_off), {}, {}},
                         {static_cast<std::uint64_t>(SectionKind::softirqs_off), {}, {}}};
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
  EXPECT_EQ(exact_shots(run, 2, 0).front().section_ns, 900);
  EXPECT_EQ(moments(exact_shots(run, 9, 300)), (std::vector<std::int64_t>{2'001, 5'001}));
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
