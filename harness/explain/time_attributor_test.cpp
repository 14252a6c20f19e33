#include "explain/time_attributor.h"

#include <gmock/gmock.h>

#include <numeric>

#include "explain/sample/breakdown.h"
#include "explain/testing/made_up_samples.h"

namespace loopgate::time_attributor_test {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(TimeAttributor, ThePhasesAreThoseThatWerePlanted) {
  const ExplainedSample seen = explained(sample());
  EXPECT_EQ(seen.latency_ns, 482);
  EXPECT_THAT(seen.phase_ns, ElementsAre(100, 20, 300, 40, 10, 7, 5));
}

TEST(TimeAttributor, EverySumIsTheLatency) {
  const ExplainedSample seen = explained(sample());
  EXPECT_EQ(std::accumulate(seen.phase_ns.begin(), seen.phase_ns.end(), std::int64_t{0}), 482);
  const auto sum = [](const auto& shares) {
    std::int64_t ns = 0;
    for (const auto& share : shares) ns += share.ns;
    return ns;
  };
  EXPECT_EQ(sum(functions_of(seen)), 482);
  EXPECT_EQ(sum(chains_of(seen)), 482);
  const auto tasks = ns_of_tasks(seen);
  EXPECT_EQ(std::accumulate(tasks.begin(), tasks.end(), std::int64_t{0}), 482);
  std::int64_t at_ns = 0;
  for (const Span& span : seen.spans) {
    EXPECT_EQ(span.begin_ns, at_ns);
    at_ns = span.end_ns;
  }
}

TEST(TimeAttributor, TasksHaveTheirPolicyAndPriority) {
  const ExplainedSample seen = explained(sample());
  ASSERT_EQ(seen.tasks.size(), 3U);
  EXPECT_EQ(seen.tasks[0].policy, "SCHED_OTHER");
  EXPECT_EQ(seen.tasks[0].priority, 0);
  EXPECT_EQ(seen.tasks[1].policy, "SCHED_FIFO");
  EXPECT_EQ(seen.tasks[1].priority, 50);
  EXPECT_EQ(seen.tasks[2].priority, 80);
}

TEST(TimeAttributor, TheEventsAreAtTheirTimes) {
  const ExplainedSample seen = explained(sample());
  std::vector<std::pair<TaskEvent::Kind, std::int64_t>> events;
  for (const TaskEvent& event : seen.events) events.emplace_back(event.kind, event.at_ns);
  using Kind = TaskEvent::Kind;
  EXPECT_THAT(events, ElementsAre(std::pair(Kind::sched_wakeup, 120), std::pair(Kind::sched_switch, 420),
                                  std::pair(Kind::sched_wakeup, 460), std::pair(Kind::sched_switch, 470),
                                  std::pair(Kind::sys_enter, 477)));
}

TEST(TimeAttributor, ACallIsInTheChainOfWhoCalled) {
  const ExplainedSample seen = explained(sample());
  bool found = false;
  for (const ChainShare& share : chains_of(seen)) {
    if (share.stack.back() != "leaf") continue;
    found = true;
    EXPECT_THAT(share.stack, ElementsAre("other_work", "leaf"));
    EXPECT_EQ(share.ns, 50);
  }
  EXPECT_TRUE(found);
}

TEST(TimeAttributor, WhatIsNotCoveredIsRefused) {
  MadeUpTrace trace = sample();
  trace.sample.events.erase(trace.sample.events.begin() + 2);  // the first block
  trace.sample.response_ns += 0;
  Symbols names = symbols();
  const auto result = attribute_time(trace.sample, trace.blocks, &names, {arch, false});
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().what, HasSubstr("covers 0 of its 482 ns"));
}

TEST(TimeAttributor, ASampleThatWasGivenUpHasNothingToExplain) {
  MadeUpTrace trace = sample();
  trace.sample.given_up = true;
  Symbols names = symbols();
  const auto result = attribute_time(trace.sample, trace.blocks, &names, {arch, false});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::usage);
}

TEST(TimeAttributor, AnUnknownAddressIsShownAsItIs) {
  MadeUpTrace trace(0);
  trace.note(TraceKind::current, words_of(payload))
      .note(TraceKind::stack, {0x7123456, 0})
      .block(0x7123456, 9);
  trace.answer();
  const ExplainedSample seen = explained(trace);
  EXPECT_EQ(functions_of(seen)[0].name, "0x7123000 in responder");
}

// A task that was preempted in an interrupt comes back to the function that it was in.
TEST(TimeAttributor, APreemptedFunctionGoesOnWhereItWas) {
  MadeUpTrace trace(0);
  const Symbols names =
      *Symbols::of_kernel(kallsyms({"kthread", "busy", "el1h_64_irq", "preempt_schedule_irq"}));
  trace.note(TraceKind::current, words_of(payload))
      .note(TraceKind::stack, {function(0), 0})
      .block(function(0), 5)
      .note(TraceKind::switched, words_of(payload, other))
      .note(TraceKind::stack, {function(3), 0, function(2) + 4, function(1) + 8, function(0) + 4})
      .block(function(3), 5, return_from)
      .block(function(2) + 4, 5, exception_return)
      .block(function(1) + 8, 50);
  trace.answer();
  const ExplainedSample seen = explained(trace, names);
  EXPECT_THAT(stack_of(seen, seen.spans.back().chain), ElementsAre("kthread", "busy"));
}

// An interrupt that is pending when another one ends comes before an instruction of the interrupted function.
TEST(TimeAttributor, AnInterruptRightBehindAnotherIsNotWithinIt) {
  MadeUpTrace trace(0);
  const Symbols names = *Symbols::of_kernel(kallsyms({"kthread", "busy", "el1h_64_irq", "timer"}));
  trace.note(TraceKind::current, words_of(other)).note(TraceKind::stack, {function(1), 0, function(0) + 4});
  trace.block(function(1), 5);
  for (int interrupt = 0; interrupt < 2; ++interrupt)
    trace.note(TraceKind::vector, {function(1) + 20, 1})
        .block(vectors + 0x280, 5, call)
        .block(function(3), 5, return_from)
        .block(vectors + 0x280 + 20, 5, exception_return);
  trace.block(function(1) + 20, 50);
  trace.answer();
  const ExplainedSample seen = explained(trace, names);
  EXPECT_THAT(stack_of(seen, seen.spans.back().chain), ElementsAre("kthread", "busy"));
}

// The payload's read() was entered before the stimulus.
TEST(TimeAttributor, ASystemCallThatWasEnteredBeforeReturnsInTheSample) {
  MadeUpTrace trace(0);
  const Symbols names = *Symbols::of_kernel(kallsyms({"el0_svc", "__schedule", "busy"}));
  trace.note(TraceKind::current, words_of(other))
      .note(TraceKind::stack, {function(2), 0})
      .note(TraceKind::woken, words_of(payload))
      .block(function(2), 5)
      .note(TraceKind::switched, words_of(other, payload))
      .note(TraceKind::stack, {function(1), 0, function(0) + 4})
      .block(function(1), 5)
      .note(TraceKind::returns, {48, 63})
      .block(0x400000, 5)
      .note(TraceKind::returns, {48, 63})  // from an interrupt, not from a call
      .block(0x400000, 5);
  trace.answer();
  const ExplainedSample seen = explained(trace, names);
  std::vector<const TaskEvent*> exits;
  for (const TaskEvent& event : seen.events)
    if (event.kind == TaskEvent::Kind::sys_exit) exits.push_back(&event);
  ASSERT_EQ(exits.size(), 1U);
  EXPECT_EQ(exits[0]->at_ns, 10);
  EXPECT_EQ(exits[0]->value, 63);
  EXPECT_EQ(exits[0]->result, 48);
}

TEST(Differences, AreLargestFirstAndLeaveEqualPartsOut) {
  const ExplainedSample one = explained(sample());
  EXPECT_TRUE(differences(one, one).empty());
  MadeUpTrace longer = sample();
  ExplainedSample other_one = one;
  other_one.spans[0].end_ns += 1'000;
  const auto all = differences(other_one, one);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].function, "masked_work");
  EXPECT_EQ(all[0].here_ns - all[0].there_ns, 1'000);
}

// An interrupt on CPU 0 wakes the irq thread on CPU 1, which wakes the payload on CPU 0. The clock goes on
// whichever CPU runs, and each CPU's span lasts until its own next block.
TEST(TimeAttributor, TheWayGoesFromCpuToCpu) {
  MadeUpTrace trace(0);
  const TraceTask idle_0 = task(8, 0, "swapper/0");
  const TraceTask other_0 = task(10, 50, "other-on-0");
  trace.on(0).note(TraceKind::current, words_of(idle_0)).note(TraceKind::stack, {function(0), 0});
  trace.on(1).note(TraceKind::current, words_of(other)).note(TraceKind::stack, {function(4), 0});
  trace.on(0).block(function(0), 100);  // 0: irqs disabled on CPU 0
  trace.on(1).block(function(4), 30);   // 100: CPU 1 is busy elsewhere
  trace.on(0)
      .note(TraceKind::vector, {function(0) + 400, 1})
      .block(vectors + 0x280, 20, call);                                                    // 130: hardirq
  trace.on(0).block(function(1), 10, return_from);                                          // 150
  trace.on(0).note(TraceKind::woken, words_of(irq_thread)).block(vectors + 0x280 + 80, 5);  // 160: woken
  trace.on(1).block(function(4) + 120, 60);  // 165: still `other`
  trace.on(0).note(TraceKind::switched, words_of(idle_0, other_0));
  trace.on(0).note(TraceKind::stack, {function(5), 0}).block(function(5), 15);  // 225: not on the way
  trace.on(1).note(TraceKind::switched, words_of(other, irq_thread));
  trace.on(1).note(TraceKind::stack, {function(2), 0}).block(function(2), 40);         // 240: irq thread
  trace.on(1).note(TraceKind::woken, words_of(payload)).block(function(2) + 160, 10);  // 280: payload woken
  trace.on(0).note(TraceKind::switched, words_of(other_0, payload));
  trace.on(0).note(TraceKind::stack, {function(3), 0}).block(0x400000, 25);  // 290: payload
  trace.answer();                                                            // 315, on CPU 0
  const ExplainedSample seen = explained(trace);
  EXPECT_THAT(seen.phase_ns, ElementsAre(130, 30, 80, 40, 10, 25, 0));
  std::vector<std::tuple<int, std::int64_t, std::int64_t, std::string>> way;
  for (const Span& span : seen.spans)
    way.emplace_back(span.cpu, span.begin_ns, span.end_ns, seen.tasks[span.task].name);
  EXPECT_THAT(way, ElementsAre(std::tuple(0, 0, 130, "swapper/0"), std::tuple(0, 130, 150, "swapper/0"),
                               std::tuple(0, 150, 160, "swapper/0"), std::tuple(1, 160, 240, "stress-ng-vm"),
                               std::tuple(1, 240, 280, "irq/18-stimulus"),
                               std::tuple(0, 280, 290, "other-on-0"), std::tuple(0, 290, 315, "responder")));
  std::vector<int> cpus;
  for (const TaskEvent& event : seen.events) cpus.push_back(event.cpu);
  EXPECT_THAT(cpus, ElementsAre(0, 0, 1, 1, 0));
}

// CPU 1 idles until CPU 0 wakes the payload on it: it executes nothing before, and was idle meanwhile.
MadeUpTrace way_to_an_idle_cpu() {
  MadeUpTrace trace(0);
  const TraceTask idle = task(9, 0, "swapper/1");
  trace.on(0).note(TraceKind::current, words_of(other)).note(TraceKind::stack, {function(0), 0});
  trace.on(0).note(TraceKind::vector, {function(0) + 400, 1}).block(vectors + 0x280, 20, call);
  trace.on(0).note(TraceKind::woken, words_of(payload)).block(function(1), 30);
  trace.on(1).note(TraceKind::current, words_of(idle)).note(TraceKind::stack, {function(4), 0});
  trace.on(1)
      .note(TraceKind::vector, {function(4) + 4, 1})
      .block(vectors + 0x280, 10, exception_return);  // 50
  trace.on(1).note(TraceKind::switched, words_of(idle, payload));
  trace.on(1).note(TraceKind::stack, {function(3), 0}).block(0x400000, 25);  // 60
  return trace;
}

TEST(TimeAttributor, ACpuOnTheWayMayIdleUntilItIsAskedFor) {
  MadeUpTrace trace = way_to_an_idle_cpu();
  trace.answer();
  Symbols names = symbols();
  const auto seen = attribute_time(trace.sample, trace.blocks, &names, {arch, false, 2});
  ASSERT_TRUE(seen) << seen.error().what;
  EXPECT_THAT(seen->phase_ns, ElementsAre(0, 20, 0, 0, 40, 25, 0));
  EXPECT_EQ(seen->tasks[seen->spans[1].task].name, "swapper/1");
  EXPECT_EQ(seen->spans[1].begin_ns, 20) << "from the wake-up on";
  std::vector<std::tuple<int, std::int64_t, std::int64_t>> lanes;
  for (const Span& span : seen->lanes) lanes.emplace_back(span.cpu, span.begin_ns, span.end_ns);
  EXPECT_THAT(lanes, ElementsAre(std::tuple(0, 0, 20), std::tuple(0, 20, 85), std::tuple(1, 0, 50),
                                 std::tuple(1, 50, 60), std::tuple(1, 60, 85)));
  const auto of_one_cpu = attribute_time(trace.sample, trace.blocks, &names, {arch, false, 1});
  ASSERT_FALSE(of_one_cpu) << "one CPU has nobody to wait for";
}

// It sleeps on CPU 1 in its system call and goes on on CPU 0.
TEST(TimeAttributor, TheWayStaysWithAPayloadThatMoves) {
  MadeUpTrace trace = way_to_an_idle_cpu();
  const TraceTask idle = task(9, 0, "swapper/1");
  trace.on(1).note(TraceKind::switched, words_of(payload, idle));
  trace.on(1).note(TraceKind::stack, {function(4), 0}).block(function(4), 15);  // 85: it sleeps
  trace.on(0).block(function(0), 20);                                           // 100
  trace.on(0).note(TraceKind::switched, words_of(other, payload));
  trace.on(0).note(TraceKind::stack, {function(3), 0}).block(function(3), 30);  // 120: it goes on
  trace.answer();
  Symbols names = symbols();
  const auto seen = attribute_time(trace.sample, trace.blocks, &names, {arch, false, 2});
  ASSERT_TRUE(seen) << seen.error().what;
  std::vector<std::tuple<int, std::int64_t, std::int64_t, std::string>> way;
  for (const Span& span : seen->spans)
    way.emplace_back(span.cpu, span.begin_ns, span.end_ns, seen->tasks[span.task].name);
  EXPECT_THAT(way,
              ElementsAre(std::tuple(0, 0, 20, "stress-ng-vm"), std::tuple(1, 20, 50, "swapper/1"),
                          std::tuple(1, 50, 60, "swapper/1"), std::tuple(1, 60, 85, "responder"),
                          std::tuple(0, 85, 100, "stress-ng-vm"), std::tuple(0, 100, 120, "stress-ng-vm"),
                          std::tuple(0, 120, 150, "responder")));
}

TEST(TimeAttributor, AWayOverACpuThatWasNotTracedIsRefused) {
  MadeUpTrace trace = sample();
  trace.sample.response_cpu = 1;
  Symbols names = symbols();
  const auto result = attribute_time(trace.sample, trace.blocks, &names, {arch, false});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::data);
  EXPECT_THAT(result.error().what, HasSubstr("covers 0 of its 482 ns"));
}

}  // namespace
}  // namespace loopgate::time_attributor_test
