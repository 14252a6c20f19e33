#include "hunt/lock_on_way.h"

#include <gmock/gmock.h>

namespace loopgate::lock_on_way_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

enum Who : std::uint32_t { payload, irq_thread, other, holder };

// Three stimuli, 10 us apart. Behind each the irq thread runs, then the payload, which answers after 5 us;
// the last one takes 9 us, and another real-time task runs before both.
constexpr std::int64_t timeout_ns = 1'000'000;

class MadeUpRun {
 public:
  MadeUpRun() {
    run.sections.tasks = {
        {40, 19, "payload"}, {12, 49, "irq/23"}, {9, 0, "migration/0"}, {301, 120, "holder"}};
    for (const SectionKind kind :
         {SectionKind::real_time_task, SectionKind::lock_wait, SectionKind::lock_holder})
      run.sections.places.push_back({static_cast<std::uint64_t>(kind), {}, {}});
    run.sections.follows_locks = true;
    for (const std::int64_t at_ns : {10'000, 20'000}) answer(at_ns, 5'000);
    runs(other, 30'100, 500);
    answer(30'000, 9'000);
  }

  void runs(Who who, std::int64_t begin_ns, std::uint32_t length_ns) {
    run.sections.windows.push_back({begin_ns, length_ns, 0, who, 0});
  }
  // Gives its number.
  std::size_t waits(Who who, std::int64_t begin_ns, std::uint32_t length_ns) {
    run.sections.windows.push_back({begin_ns, length_ns, 1, who, 0});
    run.sections.windows.push_back({begin_ns, length_ns, 2, holder, 0});
    return run.sections.windows.size() - 2;
  }
  // Their numbers, in the order in which they are told.
  std::vector<std::size_t> locks_of(std::size_t sample) const {
    std::vector<std::size_t> numbers;
    for (const LockOnWay& lock : LocksOnWay(run, timeout_ns).of(run.samples[sample]))
      numbers.push_back(lock.wait);
    return numbers;
  }

  void answer(std::int64_t at_ns, std::int64_t after_ns) {
    runs(irq_thread, at_ns + 1'000, 500);
    runs(payload, at_ns + 1'500, static_cast<std::uint32_t>(after_ns));
    Sample sample;
    sample.due_ns = sample.stimulus_ns = at_ns;
    sample.response_ns = at_ns + after_ns;
    sample.flags = sample_sent | sample_answered;
    run.samples.push_back(sample);
  }

  VolleyEnd run;
};

TEST(LocksOnWay, TheTasksAreThoseOfTheQuickestStimuliAndOfTheResponses) {
  const TasksOnWay tasks = tasks_on_way(MadeUpRun().run);
  EXPECT_EQ(tasks.irq_thread, 12U);
  EXPECT_EQ(tasks.payload, 40U);
  EXPECT_FALSE(tasks_on_way({}).irq_thread || tasks_on_way({}).payload);
}

TEST(LocksOnWay, AreThoseBetweenStimulusAndResponseTheLongestFirst) {
  MadeUpRun made;
  EXPECT_THAT(made.locks_of(2), IsEmpty());
  made.waits(payload, 29'900, 3'000);  // begins before the stimulus
  made.waits(payload, 38'500, 2'000);  // ends behind the response
  made.waits(payload, 22'000, 2'500);  // of the stimulus before
  EXPECT_THAT(made.locks_of(2), IsEmpty());
  const std::size_t shortest = made.waits(irq_thread, 31'100, 300);
  const std::size_t longest = made.waits(payload, 32'000, 900);
  const std::size_t second = made.waits(payload, 33'000, 800);
  EXPECT_THAT(made.locks_of(2), ElementsAre(longest, second, shortest));
  EXPECT_STREQ(made.run.sections.holder_of(longest).name, "holder");
}

TEST(LocksOnWay, WhatMostStimuliWaitForIsUsual) {
  MadeUpRun made;
  made.run.sections.places.push_back({static_cast<std::uint64_t>(SectionKind::lock_wait), {1, 2}, {3, 4}});
  for (std::int64_t at_ns = 40'000; at_ns < 300'000; at_ns += 10'000) {
    made.answer(at_ns, 5'000);
    made.waits(payload, at_ns + 2'000, 800);
  }
  const std::size_t as_usual = made.waits(payload, 32'000, 1'000);
  const std::size_t rare = made.waits(payload, 34'000, 500);
  made.run.sections.windows[rare].places = 3;
  EXPECT_THAT(made.locks_of(2), ElementsAre(rare, as_usual));
  const auto locks = LocksOnWay(made.run, timeout_ns).of(made.run.samples[2]);
  EXPECT_EQ(locks[0].usual_ns, 0);
  EXPECT_EQ(locks[1].usual_ns, 800);
  EXPECT_EQ(locks[1].length_ns, 1'000);
}

TEST(LocksOnWay, AreOfNoOtherTask) {
  MadeUpRun made;
  made.waits(other, 31'000, 4'000);
  EXPECT_THAT(made.locks_of(2), IsEmpty());
  const std::size_t irq_threads = made.waits(irq_thread, 31'100, 300);
  EXPECT_THAT(made.locks_of(2), ElementsAre(irq_threads));
}

TEST(LocksOnWay, AStimulusThatIsNeverAnsweredWaitedUntilItWasGivenUp) {
  MadeUpRun made;
  Sample& last = made.run.samples[2];
  last.response_ns = -1;
  last.flags = sample_sent | sample_unanswered;
  const std::size_t longest = made.waits(payload, 38'500, 90'000'000);
  made.waits(payload, last.stimulus_ns + timeout_ns, 100);
  ASSERT_THAT(made.locks_of(2), ElementsAre(longest)) << "the other is a later stimulus's";
  const auto locks = LocksOnWay(made.run, timeout_ns).of(last);
  EXPECT_EQ(locks[0].length_ns, last.stimulus_ns + timeout_ns - 38'500)
      << "no longer than the answer was waited for";
}

}  // namespace
}  // namespace loopgate::lock_on_way_test
