#include "explain/diagnosis.h"

#include <gmock/gmock.h>

#include "explain/testing/made_up_samples.h"

namespace loopgate::diagnosis_test {
namespace {

using namespace testing;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Diagnosis, NamesThePhaseTheTaskAndTheFunction) {
  const std::string text = diagnose(*arch, explained(sample()), {});
  EXPECT_THAT(text, HasSubstr("300 ns of 482 ns irq thread wakeup latency: "));
  EXPECT_THAT(text, HasSubstr("stress-ng-vm (SCHED_OTHER) ran"));
  EXPECT_THAT(text, HasSubstr("67 % in other_work"));
}

TEST(Diagnosis, AKernelThatIsNotPreemptedSaysSo) {
  MadeUpTrace trace(0);
  const std::string all = kallsyms({"el0_svc", "busy"});
  const Symbols names = *Symbols::of_kernel(all);
  trace.note(TraceKind::current, words_of(other))
      .note(TraceKind::stack, {function(1), 0, function(0) + 4})
      .note(TraceKind::woken, words_of(irq_thread))
      .block(function(1), 900)
      .note(TraceKind::switched, words_of(other, irq_thread))
      .note(TraceKind::stack, {function(1), 0})
      .note(TraceKind::woken, words_of(payload))
      .block(function(1), 1)
      .note(TraceKind::switched, words_of(irq_thread, payload))
      .note(TraceKind::stack, {function(1), 0})
      .block(function(1), 1);
  trace.answer();
  const ExplainedSample seen = explained(trace, names);
  EXPECT_THAT(diagnose(*arch, seen, {.kernel_code = false}),
              HasSubstr("and could not be preempted (this kernel does not preempt kernel code)"));
  EXPECT_THAT(diagnose(*arch, seen, {.kernel_code = true}),
              HasSubstr("and could not be preempted (interrupts on, preemption off)"));
}

// The fair server lets a task run before one that outranks it: it holds no preemption off.
TEST(Diagnosis, ATaskThatComesToUserSpaceWasNotHeldByTheKernel) {
  const auto said = [](int returns) {
    MadeUpTrace trace(0);
    const Symbols names = *Symbols::of_kernel(kallsyms({"el0_svc", "busy"}));
    trace.note(TraceKind::current, words_of(other))
        .note(TraceKind::stack, {function(1), 0, function(0) + 4})
        .note(TraceKind::woken, words_of(irq_thread));
    for (int i = 0; i < returns; ++i)
      trace.block(function(1), 900, exception_return)
          .note(TraceKind::returns, {0, 63})
          .block(0x400000, 10, 0xd4000001)
          .note(TraceKind::system_call, {63})
          .note(TraceKind::vector, {0x400000 + 40, 0})
          .block(vectors + 0x400, 5);
    trace.note(TraceKind::switched, words_of(other, irq_thread))
        .note(TraceKind::stack, {function(1), 0})
        .note(TraceKind::woken, words_of(payload))
        .block(function(1), 1)
        .note(TraceKind::switched, words_of(irq_thread, payload))
        .note(TraceKind::stack, {function(1), 0})
        .block(function(1), 1);
    trace.answer();
    return diagnose(*arch, explained(trace, names), {.kernel_code = true});
  };
  EXPECT_THAT(said(5), HasSubstr("came to user space 5 times and was preferred all the same"));
  EXPECT_THAT(said(5), Not(HasSubstr("could not be preempted")));
  EXPECT_THAT(said(1), HasSubstr("could not be preempted"));
}

TEST(Diagnosis, ComparesWithTheMedian) {
  const ExplainedSample seen = explained(sample());
  ExplainedSample median = seen;
  EXPECT_THAT(diagnose(*arch, seen, {}, &median), HasSubstr("the median sample; "));
  median.sample += 1;
  median.latency_ns -= 200;
  median.phase_ns[static_cast<std::size_t>(Phase::irq_thread_wakeup)] -= 200;
  for (Span& span : median.spans)
    if (span.phase == Phase::irq_thread_wakeup) span.end_ns = span.begin_ns;
  EXPECT_THAT(diagnose(*arch, seen, {}, &median),
              HasSubstr("; 182 ns in the other phases; median sample: 100 ns and 182 ns"));
}

TEST(Diagnosis, TheLockThatThePayloadSleepsInIsNamed) {
  MadeUpTrace trace(0);
  const std::string all =
      kallsyms({"el0_svc", "__arm64_sys_getrandom", "holds_the_lock", "rt_spin_lock", "__schedule"});
  const Symbols names = *Symbols::of_kernel(all);
  trace.note(TraceKind::current, words_of(irq_thread))
      .note(TraceKind::stack, {function(2), 0})
      .note(TraceKind::woken, words_of(payload))
      .block(function(2), 10)
      .note(TraceKind::switched, words_of(irq_thread, payload))
      .note(TraceKind::stack, {function(4), 0, function(3) + 4, function(0) + 4})
      .block(function(4), 20);
  TraceTask asleep = payload;
  asleep.state = 2;
  trace.note(TraceKind::switched, words_of(asleep, other))
      .note(TraceKind::stack, {function(2), 0, function(1) + 4, function(0) + 4})
      .block(function(2), 500)
      .note(TraceKind::switched, words_of(other, payload))
      .note(TraceKind::stack, {function(0), 0})
      .block(function(0), 5);
  trace.answer();
  const ExplainedSample seen = explained(trace, names);
  const std::string text = diagnose(*arch, seen, {.kernel_code = true});
  EXPECT_THAT(text, HasSubstr("510 ns of 535 ns payload wakeup latency: stress-ng-vm (SCHED_OTHER) ran for "
                              "500 ns in getrandom(), 100 % in "
                              "holds_the_lock < __arm64_sys_getrandom"));
  EXPECT_THAT(text, HasSubstr("; responder slept in rt_spin_lock < el0_svc"));
}

// As under a collector: the program's own thread has what the waiter waits for, and comes on between others.
TEST(Diagnosis, WhatThePayloadsOtherThreadsDidIsNamed) {
  const Symbols names =
      *Symbols::of_kernel(kallsyms({"el0_svc", "busy", "mark_heap", "futex_wait", "__schedule"}));
  const auto sentence_with = [&](std::uint32_t process) {
    TraceTask collector = task(4, 31, "responder");
    collector.process = process;
    TraceTask asleep = payload;
    asleep.state = 1;
    MadeUpTrace trace(0);
    trace.note(TraceKind::current, words_of(irq_thread))
        .note(TraceKind::stack, {function(1), 0})
        .note(TraceKind::woken, words_of(payload))
        .block(function(1), 10)
        .note(TraceKind::switched, words_of(irq_thread, payload))
        .note(TraceKind::stack, {function(4), 0, function(3) + 4, function(0) + 4})
        .block(function(4), 20)
        .note(TraceKind::switched, words_of(asleep, other))
        .note(TraceKind::stack, {function(1), 0})
        .block(function(1), 500)
        .note(TraceKind::switched, words_of(other, collector))
        .note(TraceKind::stack, {function(2), 0})
        .block(function(2), 200)
        .note(TraceKind::switched, words_of(collector, payload))
        .note(TraceKind::stack, {function(0), 0})
        .block(function(0), 5);
    trace.answer();
    return diagnose(*arch, explained(trace, names), {.kernel_code = true});
  };
  const std::string own = "; its other threads ran for 200 ns of it, 100 % in mark_heap";
  EXPECT_THAT(sentence_with(payload.process), HasSubstr("stress-ng-vm (SCHED_OTHER) ran for 500 ns"));
  EXPECT_THAT(sentence_with(payload.process), HasSubstr("; responder slept in futex_wait < el0_svc" + own));
  EXPECT_THAT(sentence_with(payload.process + 1), Not(HasSubstr("other threads")));
}

// The holder runs before the waiter does, too: what the waiter did until then does not explain the long wait.
TEST(Diagnosis, TheLockThatTheInterruptThreadSleepsInIsNamed) {
  MadeUpTrace trace(0);
  const Symbols names =
      *Symbols::of_kernel(kallsyms({"irq_thread", "rt_spin_lock", "__schedule", "holds_the_lock"}));
  TraceTask asleep = irq_thread;
  asleep.state = 0x1000;
  trace.note(TraceKind::current, words_of(other))
      .note(TraceKind::stack, {function(3), 0})
      .note(TraceKind::woken, words_of(irq_thread))
      .block(function(3), 10)
      .note(TraceKind::switched, words_of(other, irq_thread))
      .note(TraceKind::stack, {function(2), 0, function(1) + 4, function(0) + 4})
      .block(function(2), 20)
      .note(TraceKind::switched, words_of(asleep, other))
      .note(TraceKind::stack, {function(3), 0})
      .block(function(3), 500)
      .note(TraceKind::switched, words_of(other, irq_thread))
      .note(TraceKind::stack, {function(0), 0})
      .block(function(0), 5)
      .note(TraceKind::woken, words_of(payload))
      .note(TraceKind::switched, words_of(irq_thread, payload))
      .note(TraceKind::stack, {function(0), 0})
      .block(function(0), 5);
  trace.answer();
  const ExplainedSample seen = explained(trace, names);
  const std::string text = diagnose(*arch, seen, {.kernel_code = true});
  EXPECT_THAT(text, HasSubstr("stress-ng-vm (SCHED_OTHER) ran, 100 % in holds_the_lock"));
  EXPECT_THAT(text, HasSubstr("slept in rt_spin_lock < irq_thread"));
  EXPECT_THAT(text, Not(HasSubstr("could not be preempted")));
}

}  // namespace
}  // namespace loopgate::diagnosis_test
