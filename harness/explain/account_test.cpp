#include "explain/account.h"

#include <gmock/gmock.h>

#include <numeric>

#include "explain/ledger.h"
#include "explain/sentence.h"
#include "explain/testing/made_up_watch.h"

namespace loopgate {
namespace {

using namespace testing;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::uint64_t function(unsigned number) { return kernel + 0x1000 * std::uint64_t{number}; }

Symbols symbols() {
  return *Symbols::of_kernel(
      kallsyms({"masked_work", "handler", "thread_work", "payload_kernel", "other_work", "leaf"}));
}

const TraceTask other = task(1, 10, "stress-ng-vm");
const TraceTask irq_thread = task(2, 20, "irq/18-stimulus", 1, 49);
const TraceTask payload = task(3, 30, "responder", 1, 19);

// Masked for 100 ns, 20 of hard interrupt, 300 in which another task runs, 40 of interrupt thread, 10 until
// the payload runs, 7 in user space, 5 in its system call.
MadeUpWatch sample() {
  MadeUpWatch watch(1'000);
  watch.note(TraceKind::current, words_of(other))
      .note(TraceKind::stack, {function(0), 0})
      .block(function(0), 100)
      .note(TraceKind::vector, {function(0) + 400})
      .block(vectors + 0x280, 12, call)
      .block(function(1), 8, return_from)
      .note(TraceKind::woken, words_of(irq_thread))
      .block(vectors + 0x280 + 48, 50, exception_return)
      .block(function(4), 200, call)
      .block(function(5), 50)
      .note(TraceKind::switched, words_of(other, irq_thread))
      .note(TraceKind::stack, {function(2), 0})
      .block(function(2), 40)
      .note(TraceKind::woken, words_of(payload))
      .block(function(2) + 160, 10)
      .note(TraceKind::switched, words_of(irq_thread, payload))
      .note(TraceKind::stack, {function(3), 0})
      .block(0x400000, 7, 0xd4000001)
      .note(TraceKind::system_call, {64})
      .note(TraceKind::vector, {0x400000 + 28})
      .block(vectors + 0x400, 5);
  watch.answer();
  return watch;
}

ExplainedSample explained(const MadeUpWatch& watch) {
  Symbols names = symbols();
  auto result = account_for(watch.sample, watch.blocks, &names, {vectors, false});
  EXPECT_TRUE(result) << result.error().what;
  return result.value_or(ExplainedSample{});
}

TEST(Account, ThePhasesAreThoseThatWerePlanted) {
  const ExplainedSample seen = explained(sample());
  EXPECT_EQ(seen.latency_ns, 482);
  EXPECT_THAT(seen.phase_ns, ElementsAre(100, 20, 300, 40, 10, 7, 5));
}

TEST(Account, EverySumIsTheLatency) {
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

TEST(Account, TasksHaveTheirPolicyAndPriority) {
  const ExplainedSample seen = explained(sample());
  ASSERT_EQ(seen.tasks.size(), 3U);
  EXPECT_EQ(seen.tasks[0].policy, "SCHED_OTHER");
  EXPECT_EQ(seen.tasks[0].priority, 0);
  EXPECT_EQ(seen.tasks[1].policy, "SCHED_FIFO");
  EXPECT_EQ(seen.tasks[1].priority, 50);
  EXPECT_EQ(seen.tasks[2].priority, 80);
}

TEST(Account, TheEventsAreAtTheirTimes) {
  const ExplainedSample seen = explained(sample());
  std::vector<std::pair<TaskEvent::Kind, std::int64_t>> events;
  for (const TaskEvent& event : seen.events) events.emplace_back(event.kind, event.at_ns);
  using Kind = TaskEvent::Kind;
  EXPECT_THAT(events, ElementsAre(std::pair(Kind::sched_wakeup, 120), std::pair(Kind::sched_switch, 420),
                                  std::pair(Kind::sched_wakeup, 460), std::pair(Kind::sched_switch, 470),
                                  std::pair(Kind::sys_enter, 477)));
}

TEST(Account, ACallIsInTheChainOfWhoCalled) {
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

TEST(Account, WhatIsNotCoveredIsRefused) {
  MadeUpWatch watch = sample();
  watch.sample.events.erase(watch.sample.events.begin() + 2);  // the first block
  watch.sample.response_ns += 0;
  Symbols names = symbols();
  const auto result = account_for(watch.sample, watch.blocks, &names, {vectors, false});
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().what, HasSubstr("covers 0 of its 482 ns"));
}

TEST(Account, ASampleThatWasGivenUpHasNothingToExplain) {
  MadeUpWatch watch = sample();
  watch.sample.given_up = true;
  Symbols names = symbols();
  const auto result = account_for(watch.sample, watch.blocks, &names, {vectors, false});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::usage);
}

TEST(Account, AnUnknownAddressIsShownAsItIs) {
  MadeUpWatch watch(0);
  watch.note(TraceKind::current, words_of(payload))
      .note(TraceKind::stack, {0x7123456, 0})
      .block(0x7123456, 9);
  watch.answer();
  const ExplainedSample seen = explained(watch);
  EXPECT_EQ(functions_of(seen)[0].name, "0x7123000 in responder");
}

TEST(Why, NamesThePhaseTheTaskAndTheFunction) {
  const std::string text = why(explained(sample()), {});
  EXPECT_THAT(text, HasSubstr("waiting for the interrupt thread 300 ns of 482 ns"));
  EXPECT_THAT(text, HasSubstr("stress-ng-vm (SCHED_OTHER)"));
  EXPECT_THAT(text, HasSubstr("67 % in other_work"));
}

TEST(Why, AKernelThatIsNotPreemptedSaysSo) {
  MadeUpWatch watch(0);
  const std::string all = kallsyms({"el0_svc", "busy"});
  Symbols names = *Symbols::of_kernel(all);
  watch.note(TraceKind::current, words_of(other))
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
  watch.answer();
  auto seen = account_for(watch.sample, watch.blocks, &names, {vectors, false});
  ASSERT_TRUE(seen) << seen.error().what;
  EXPECT_THAT(why(*seen, {.kernel_code = false}),
              HasSubstr("in kernel code, which this kernel does not preempt"));
  EXPECT_THAT(why(*seen, {.kernel_code = true}), HasSubstr("interrupts on, preemption off"));
}

TEST(Why, ComparesWithTheMedian) {
  const ExplainedSample seen = explained(sample());
  ExplainedSample median = seen;
  EXPECT_THAT(why(seen, {}, &median), HasSubstr("the median sample; "));
  median.sample += 1;
  median.latency_ns -= 200;
  median.phase_ns[static_cast<std::size_t>(Phase::waiting_thread)] -= 200;
  for (Span& span : median.spans)
    if (span.phase == Phase::waiting_thread) span.end_ns = span.begin_ns;
  EXPECT_THAT(
      why(seen, {}, &median),
      HasSubstr("in the median sample 100 ns; the other phases took 182 ns, in the median sample 182 ns"));
}

TEST(Why, TheLockThatThePayloadSleepsInIsNamed) {
  MadeUpWatch watch(0);
  const std::string all =
      kallsyms({"el0_svc", "__arm64_sys_getrandom", "holds_the_lock", "rt_spin_lock", "__schedule"});
  Symbols names = *Symbols::of_kernel(all);
  watch.note(TraceKind::current, words_of(irq_thread))
      .note(TraceKind::stack, {function(2), 0})
      .note(TraceKind::woken, words_of(payload))
      .block(function(2), 10)
      .note(TraceKind::switched, words_of(irq_thread, payload))
      .note(TraceKind::stack, {function(4), 0, function(3) + 4, function(0) + 4})
      .block(function(4), 20);
  TraceTask asleep = payload;
  asleep.state = 2;
  watch.note(TraceKind::switched, words_of(asleep, other))
      .note(TraceKind::stack, {function(2), 0, function(1) + 4, function(0) + 4})
      .block(function(2), 500)
      .note(TraceKind::switched, words_of(other, payload))
      .note(TraceKind::stack, {function(0), 0})
      .block(function(0), 5);
  watch.answer();
  auto seen = account_for(watch.sample, watch.blocks, &names, {vectors, false});
  ASSERT_TRUE(seen) << seen.error().what;
  const std::string text = why(*seen, {.kernel_code = true});
  EXPECT_THAT(
      text,
      HasSubstr(
          "waiting for the payload 510 ns of 535 ns: held up for 500 ns by stress-ng-vm (SCHED_OTHER) in "
          "getrandom(), 100 % in holds_the_lock < __arm64_sys_getrandom"));
  EXPECT_THAT(text, HasSubstr("; responder slept in rt_spin_lock < el0_svc"));
}

// The holder runs before the waiter does, too: what the waiter did until then says nothing of the long wait.
TEST(Why, TheLockThatTheInterruptThreadSleepsInIsNamed) {
  MadeUpWatch watch(0);
  Symbols names =
      *Symbols::of_kernel(kallsyms({"irq_thread", "rt_spin_lock", "__schedule", "holds_the_lock"}));
  TraceTask asleep = irq_thread;
  asleep.state = 0x1000;
  watch.note(TraceKind::current, words_of(other))
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
  watch.answer();
  auto seen = account_for(watch.sample, watch.blocks, &names, {vectors, false});
  ASSERT_TRUE(seen) << seen.error().what;
  const std::string text = why(*seen, {.kernel_code = true});
  EXPECT_THAT(text, HasSubstr("by stress-ng-vm (SCHED_OTHER), 100 % in holds_the_lock"));
  EXPECT_THAT(text, HasSubstr("slept in rt_spin_lock < irq_thread"));
  EXPECT_THAT(text, Not(HasSubstr("preemption off")));
}

// A task that was preempted in an interrupt comes back to the function that it was in.
TEST(Account, APreemptedFunctionGoesOnWhereItWas) {
  MadeUpWatch watch(0);
  Symbols names = *Symbols::of_kernel(kallsyms({"kthread", "busy", "el1h_64_irq", "preempt_schedule_irq"}));
  watch.note(TraceKind::current, words_of(payload))
      .note(TraceKind::stack, {function(0), 0})
      .block(function(0), 5)
      .note(TraceKind::switched, words_of(payload, other))
      .note(TraceKind::stack, {function(3), 0, function(2) + 4, function(1) + 8, function(0) + 4})
      .block(function(3), 5, return_from)
      .block(function(2) + 4, 5, exception_return)
      .block(function(1) + 8, 50);
  watch.answer();
  auto seen = account_for(watch.sample, watch.blocks, &names, {vectors, false});
  ASSERT_TRUE(seen) << seen.error().what;
  EXPECT_THAT(stack_of(*seen, seen->spans.back().chain), ElementsAre("kthread", "busy"));
}

// The payload's read() was entered before the stimulus.
TEST(Account, ASystemCallThatWasEnteredBeforeReturnsInTheSample) {
  MadeUpWatch watch(0);
  Symbols names = *Symbols::of_kernel(kallsyms({"el0_svc", "__schedule", "busy"}));
  watch.note(TraceKind::current, words_of(other))
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
  watch.answer();
  auto seen = account_for(watch.sample, watch.blocks, &names, {vectors, false});
  ASSERT_TRUE(seen) << seen.error().what;
  std::vector<const TaskEvent*> exits;
  for (const TaskEvent& event : seen->events)
    if (event.kind == TaskEvent::Kind::sys_exit) exits.push_back(&event);
  ASSERT_EQ(exits.size(), 1U);
  EXPECT_EQ(exits[0]->at_ns, 10);
  EXPECT_EQ(exits[0]->value, 63);
  EXPECT_EQ(exits[0]->result, 48);
}

TEST(Differences, AreLargestFirstAndLeaveEqualPartsOut) {
  const ExplainedSample one = explained(sample());
  EXPECT_TRUE(differences(one, one).empty());
  MadeUpWatch longer = sample();
  ExplainedSample other_one = one;
  other_one.spans[0].end_ns += 1'000;
  const auto all = differences(other_one, one);
  ASSERT_EQ(all.size(), 1U);
  EXPECT_EQ(all[0].function, "masked_work");
  EXPECT_EQ(all[0].here_ns - all[0].there_ns, 1'000);
}

}  // namespace
}  // namespace loopgate
