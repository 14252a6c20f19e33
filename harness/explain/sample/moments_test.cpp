#include "explain/sample/moments.h"

#include <gtest/gtest.h>

namespace loopgate::moments_test {
namespace {

Span span_of(std::int64_t begin_ns, std::int64_t end_ns, Phase phase, std::uint32_t task) {
  Span span;
  span.begin_ns = begin_ns;
  span.end_ns = end_ns;
  span.phase = phase;
  span.task = task;
  return span;
}

ExplainedSample through_both_hops() {
  ExplainedSample sample;
  sample.sample = 7;
  sample.stimulus_ns = 5'000;
  sample.latency_ns = 100;
  sample.tasks = {{77, 77, "stress-ng", "SCHED_OTHER", 0},
                  {12, 12, "irq/23-responder", "SCHED_FIFO", 50},
                  {40, 40, "responder", "SCHED_FIFO", 80}};
  sample.spans = {span_of(0, 20, Phase::irqs_disabled, 0),      span_of(20, 30, Phase::hardirq, 0),
                  span_of(30, 45, Phase::irq_thread_wakeup, 0), span_of(45, 50, Phase::irq_thread, 1),
                  span_of(50, 55, Phase::irq_thread_wakeup, 1),  // another interrupt comes in
                  span_of(55, 60, Phase::irq_thread, 1),        span_of(60, 72, Phase::payload_wakeup, 1),
                  span_of(72, 80, Phase::system_calls, 2),      span_of(80, 90, Phase::payload, 2),
                  span_of(90, 100, Phase::system_calls, 2)};
  return sample;
}

TEST(Moments, AreWhereTheSpansPassFromPhaseToPhase) {
  const SampleMoments moments = moments_of(through_both_hops());
  EXPECT_EQ(moments.sample, 7U);
  EXPECT_EQ(moments.stimulus_ns, 5'000);
  EXPECT_EQ(moments.taken_ns, 20);
  EXPECT_EQ(moments.woken_ns, 30);
  EXPECT_EQ(moments.thread_ns, 45);
  EXPECT_EQ(moments.payload_woken_ns, 60);
  EXPECT_EQ(moments.payload_ns, 72);
  EXPECT_EQ(moments.latency_ns, 100);
  EXPECT_EQ(moments.thread_pid, 12);
  EXPECT_EQ(moments.payload_pid, 40);
}

TEST(Moments, WithoutAnIrqThreadTheyFollowOneAnotherAllTheSame) {
  ExplainedSample sample = through_both_hops();
  std::erase_if(sample.spans, [](const Span& span) {
    return span.phase == Phase::irq_thread || span.phase == Phase::irq_thread_wakeup;
  });
  const SampleMoments moments = moments_of(sample);
  EXPECT_EQ(moments.woken_ns, 30);
  EXPECT_EQ(moments.thread_ns, 30);
  EXPECT_EQ(moments.payload_woken_ns, 30);
  EXPECT_EQ(moments.thread_pid, 0);
}

}  // namespace
}  // namespace loopgate::moments_test
