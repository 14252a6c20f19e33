#include "explain/cross_cpu.h"

#include <gmock/gmock.h>

#include "explain/sample_words.h"

namespace loopgate::cross_cpu_test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// Functions by their places in `functions`; a chain of the same number is that function alone, unless it has
// a parent.
class TwoCpus : public ::testing::Test {
 protected:
  TwoCpus() {
    sample_.tasks = {{10, 10, "responder", "SCHED_FIFO", 80},
                     {20, 20, "stress-ng-vm", "SCHED_OTHER", 0},
                     {0, 0, "swapper/1", "SCHED_OTHER", 0}};
    sample_.functions = {"",
                         "answer",
                         "queued_spin_lock_slowpath",
                         "memset",
                         "cpu_do_idle",
                         "ipi_handler",
                         "arch_smp_send_reschedule",
                         "smp_call_function_many_cond",
                         "gic_ipi_send_mask",
                         "work_of_ipi"};
    for (std::uint32_t function = 0; function < sample_.functions.size(); ++function)
      sample_.chains.push_back({0, function});
    sample_.chains[8].parent = 6;  // arch_smp_send_reschedule calls gic_ipi_send_mask
    sample_.chains[9].parent = 5;  // ipi_handler calls work_of_ipi
  }

  void way(std::int64_t begin_ns, std::int64_t end_ns, std::uint32_t chain, bool interrupt = false) {
    const Span span{begin_ns, end_ns, Phase::system_calls, 0, chain, interrupt, true, 0};
    sample_.spans.push_back(span);
    sample_.lanes.push_back(span);
  }
  void beside(std::int64_t begin_ns, std::int64_t end_ns, std::uint32_t task, std::uint32_t chain) {
    sample_.lanes.push_back({begin_ns, end_ns, Phase::irqs_disabled, task, chain, false, true, 1});
  }
  std::vector<CrossCpu> found() const { return cross_cpu_of(sample_); }

  ExplainedSample sample_;
};

TEST_F(TwoCpus, AWaitForALockNamesWhatTheOtherDidForMostOfIt) {
  way(0, 100, 1);
  way(100, 400, 2);
  way(400, 500, 1);
  beside(0, 150, 1, 1);
  beside(150, 390, 1, 3);
  beside(390, 500, 1, 1);
  ASSERT_THAT(found(), SizeIs(1));
  const CrossCpu wait = found()[0];
  EXPECT_EQ(wait.kind, CrossCpu::Kind::lock);
  EXPECT_EQ(wait.begin_ns, 100);
  EXPECT_EQ(wait.end_ns, 400);
  EXPECT_EQ(wait.cpu, 0);
  ASSERT_THAT(wait.others, SizeIs(1));
  EXPECT_EQ(wait.others[0].cpu, 1);
  EXPECT_EQ(sample_.functions[sample_.chains[wait.others[0].chain].function], "memset");
  sample_.cross_cpu = found();
  EXPECT_THAT(cross_cpu_text(sample_),
              HasSubstr("CPU 0, responder (SCHED_FIFO 80), waits for a lock in queued_spin_lock_slowpath\n"));
  EXPECT_THAT(cross_cpu_text(sample_), HasSubstr("meanwhile CPU 1: stress-ng-vm (SCHED_OTHER) in memset\n"));
}

TEST_F(TwoCpus, AnIdleCpuIsWaitedForByNobody) {
  way(0, 500, 7);
  beside(0, 500, 2, 4);
  ASSERT_THAT(found(), SizeIs(1));
  EXPECT_EQ(found()[0].kind, CrossCpu::Kind::call);
  EXPECT_THAT(found()[0].others, IsEmpty());
  sample_.cross_cpu = found();
  EXPECT_THAT(cross_cpu_text(sample_), HasSubstr("the others were idle"));
}

TEST_F(TwoCpus, AnIpiHasTheSenderThatWasLastBeforeIt) {
  way(0, 200, 1);
  way(200, 230, 5, true);
  way(230, 300, 9, true);
  way(300, 400, 1);
  beside(0, 20, 1, 8);
  beside(20, 150, 1, 3);
  beside(150, 180, 1, 8);
  beside(180, 250, 1, 3);
  beside(250, 300, 2, 8);  // too late to be the sender
  ASSERT_THAT(found(), SizeIs(1));
  EXPECT_EQ(found()[0].kind, CrossCpu::Kind::ipi);
  EXPECT_EQ(found()[0].end_ns - found()[0].begin_ns, 100) << "with what it does";
  ASSERT_THAT(found()[0].others, SizeIs(1));
  EXPECT_EQ(found()[0].others[0].task, 1U);
  EXPECT_EQ(found()[0].others[0].chain, 6U) << "the way to send: how it is sent is of no interest";
}

TEST_F(TwoCpus, WhatWasSentBeforeTheStimulusHasNoSender) {
  way(0, 100, 5, true);
  beside(0, 100, 1, 3);
  ASSERT_THAT(found(), SizeIs(1));
  EXPECT_THAT(found()[0].others, IsEmpty());
  sample_.cross_cpu = found();
  EXPECT_THAT(cross_cpu_text(sample_), HasSubstr("whose sender was not seen"));
}

TEST_F(TwoCpus, ATaskThatSleptOnItsWayNamesWhoWokeIt) {
  way(0, 100, 1);
  sample_.spans.push_back({100, 300, Phase::payload_wakeup, 2, 4, false, true, 0});
  sample_.lanes.push_back(sample_.spans.back());
  way(300, 400, 1);
  beside(0, 400, 1, 3);
  TaskEvent woken;
  woken.at_ns = 250;
  woken.kind = TaskEvent::Kind::sched_wakeup;
  woken.task = 1;
  woken.other = 0;
  woken.cpu = 1;
  woken.waking = {250, 1, 1};
  sample_.events = {woken};
  ASSERT_THAT(found(), SizeIs(1));
  EXPECT_EQ(found()[0].kind, CrossCpu::Kind::wake_up);
  EXPECT_EQ(found()[0].task, 0U);
  EXPECT_EQ(found()[0].others.at(0).task, 1U);
  EXPECT_EQ(sample_.functions[sample_.chains[found()[0].others[0].chain].function], "memset");
}

TEST_F(TwoCpus, WithoutLanesThereIsNothingToTell) {
  way(0, 100, 2);
  sample_.lanes.clear();
  EXPECT_THAT(found(), IsEmpty());
  EXPECT_EQ(cross_cpu_text(sample_), "");
}

}  // namespace
}  // namespace loopgate::cross_cpu_test
