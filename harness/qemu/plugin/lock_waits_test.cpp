#include "qemu/plugin/lock_waits.h"

#include <gtest/gtest.h>

#include <tuple>

namespace loopgate::lock_waits_test {
namespace {

constexpr std::uint64_t payload = 0xffff'0000'0000'1000, holder = 0xffff'0000'0000'2000;
constexpr std::uint64_t lock = 0xffff'0000'0000'3000, other_lock = 0xffff'0000'0000'4000;
constexpr std::uint64_t rt_spin_lock = 0xffff'8000'0000'0100;
constexpr std::uint64_t in_payloads_call = 0xffff'8000'0000'0504, in_holders_call = 0xffff'8000'0000'0604;
constexpr std::uint64_t schedule = 0xffff'8000'0000'0704, system_call = 0xffff'8000'0000'0804;

LockCall call_from(std::uint64_t returns_to, std::int64_t at_ns, std::uint64_t of = lock) {
  return {of, of + 24, {rt_spin_lock, returns_to}, at_ns};
}

TraceTask task_at(std::uint64_t address, std::uint32_t pid) {
  TraceTask task{};
  task.address = address;
  task.pid = pid;
  task.name[0] = 't';
  return task;
}

// What a task's stack has that leaves the CPU in the call, or in one that it made itself.
std::vector<std::uint64_t> stack_with(std::uint64_t returns_to) {
  return {schedule, rt_spin_lock + 64, returns_to, system_call};
}
std::vector<std::uint64_t> stack_without() { return {schedule, system_call}; }

// As the probe does it: where the chain tells of no call, there is no wait.
bool leaves(LockWaits* waits, const TraceTask& task, const TraceTask& held_by, std::int64_t at_ns,
            std::vector<std::uint64_t> chain) {
  const LockCall* call = waits->call_in(task.address, chain);
  if (call == nullptr) return false;
  waits->leave(task, *call, held_by, at_ns, std::move(chain));
  return true;
}

TEST(LockWaits, AWaitHasItsHolderAndWhereThatTookTheLock) {
  LockWaits waits;
  waits.take(holder, call_from(in_holders_call, 1'000));
  waits.take(payload, call_from(in_payloads_call, 2'000));
  ASSERT_TRUE(leaves(&waits, task_at(payload, 7), task_at(holder, 301), 2'500, stack_with(in_payloads_call)));
  EXPECT_EQ(waits.waiting(), 1U);
  waits.give(holder, lock);
  EXPECT_FALSE(waits.resume(holder, 8'000));
  const auto wait = waits.resume(payload, 9'000);
  ASSERT_TRUE(wait);
  EXPECT_EQ(wait->begin_ns, 2'000) << "where it asked for it";
  EXPECT_EQ(wait->end_ns, 9'000);
  EXPECT_EQ(wait->asked, (SectionPlace{rt_spin_lock, in_payloads_call}));
  EXPECT_EQ(wait->taken, (SectionPlace{rt_spin_lock, in_holders_call}));
  EXPECT_EQ(wait->waiter.pid, 7U);
  EXPECT_EQ(wait->holder.pid, 301U);
  EXPECT_EQ(wait->chain, stack_with(in_payloads_call));
  EXPECT_EQ(waits.waiting(), 0U);
  EXPECT_FALSE(waits.resume(payload, 9'500)) << "told once";
}

TEST(LockWaits, ATaskThatSleepsWithALockIsInNoCall) {
  LockWaits waits;
  waits.take(payload, call_from(in_payloads_call, 1'000));
  EXPECT_TRUE(waits.may_be_in_call(payload));
  EXPECT_EQ(waits.call_in(payload, stack_without()), nullptr);
  EXPECT_FALSE(waits.resume(payload, 2'000));
  waits.give(payload, lock);
  EXPECT_FALSE(waits.may_be_in_call(payload));
  EXPECT_EQ(waits.call_in(payload, stack_with(in_payloads_call)), nullptr) << "it was given back";
  EXPECT_EQ(waits.call_in(holder, stack_with(in_payloads_call)), nullptr) << "one that never asked";
}

TEST(LockWaits, OfTwoLocksFromOnePlaceTheLatestIsAskedFor) {
  LockWaits waits;
  waits.take(payload, call_from(in_payloads_call, 1'000, other_lock));
  waits.take(payload, call_from(in_payloads_call, 2'000));
  const LockCall* call = waits.call_in(payload, stack_with(in_payloads_call));
  ASSERT_NE(call, nullptr);
  EXPECT_EQ(call->lock, lock);
  EXPECT_EQ(call->owner_at, lock + 24);
}

TEST(LockWaits, TwoTasksMayWaitAtOnce) {
  constexpr std::uint64_t second = 0xffff'0000'0000'5000;
  LockWaits waits;
  waits.take(holder, call_from(in_holders_call, 1'000));
  waits.take(payload, call_from(in_payloads_call, 2'000));
  ASSERT_TRUE(leaves(&waits, task_at(payload, 7), task_at(holder, 301), 2'500, stack_with(in_payloads_call)));
  waits.take(second, call_from(in_payloads_call, 3'000));
  ASSERT_TRUE(leaves(&waits, task_at(second, 8), task_at(holder, 301), 3'500, stack_with(in_payloads_call)));
  EXPECT_EQ(waits.waiting(), 2U);
  const auto first_wait = waits.resume(payload, 5'000);
  const auto second_wait = waits.resume(second, 6'000);
  ASSERT_TRUE(first_wait && second_wait);
  EXPECT_EQ(first_wait->waiter.pid, 7U);
  EXPECT_EQ(second_wait->waiter.pid, 8U);
  EXPECT_EQ(second_wait->begin_ns, 3'000);
  EXPECT_EQ(second_wait->taken.link, in_holders_call) << "not where the first waiter asked for it";
}

TEST(LockWaits, ASecondSleepInOneCallBeginsAsTheTaskLeaves) {
  LockWaits waits;
  const auto chain = stack_with(in_payloads_call);
  waits.take(payload, call_from(in_payloads_call, 2'000));
  ASSERT_TRUE(leaves(&waits, task_at(payload, 7), task_at(holder, 301), 2'500, chain));
  ASSERT_TRUE(waits.resume(payload, 4'000));
  ASSERT_TRUE(leaves(&waits, task_at(payload, 7), task_at(holder, 302), 4'200, chain));
  const auto again = waits.resume(payload, 5'000);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->begin_ns, 4'200);
  EXPECT_EQ(again->holder.pid, 302U);
  waits.give(payload, lock);
  waits.take(payload, call_from(in_payloads_call, 6'000));
  ASSERT_TRUE(leaves(&waits, task_at(payload, 7), task_at(holder, 301), 6'100, chain));
  EXPECT_EQ(waits.resume(payload, 7'000)->begin_ns, 6'000) << "another call";
}

TEST(LockWaits, AHolderMayBeUnknownAndWhereItTookTheLock) {
  LockWaits waits;
  waits.take(payload, call_from(in_payloads_call, 2'000));
  ASSERT_TRUE(leaves(&waits, task_at(payload, 7), TraceTask{}, 2'500, stack_with(in_payloads_call)));
  const auto unknown = waits.resume(payload, 4'000);
  ASSERT_TRUE(unknown);
  EXPECT_EQ(unknown->holder.address, 0U);
  EXPECT_EQ(unknown->taken, SectionPlace());
  waits.take(holder,
             call_from(in_holders_call, 5'000, other_lock));  // it took the one waited for by another way
  waits.take(payload, call_from(in_payloads_call, 6'000));
  ASSERT_TRUE(leaves(&waits, task_at(payload, 7), task_at(holder, 301), 6'500, stack_with(in_payloads_call)));
  const auto unseen = waits.resume(payload, 7'000);
  ASSERT_TRUE(unseen);
  EXPECT_EQ(unseen->holder.pid, 301U);
  EXPECT_EQ(unseen->taken, SectionPlace());
}

TEST(LockWaits, ALockThatIsNobodysGoesToTheFirstThatWaits) {
  constexpr std::uint64_t second = 0xffff'0000'0000'5000;
  LockWaits waits;
  EXPECT_EQ(waits.next_for(lock).address, 0U);
  for (const auto& [task, pid, priority] : {std::tuple(second, 8U, 49), std::tuple(payload, 7U, 19)}) {
    waits.take(task, call_from(in_payloads_call, 2'000));
    TraceTask waiter = task_at(task, pid);
    waiter.priority = priority;
    ASSERT_TRUE(leaves(&waits, waiter, task_at(holder, 301), 2'500, stack_with(in_payloads_call)));
  }
  EXPECT_EQ(waits.next_for(lock).pid, 7U) << "by priority";
  EXPECT_EQ(waits.next_for(other_lock).address, 0U);
  EXPECT_TRUE(waits.resume(payload, 3'000));
  EXPECT_EQ(waits.next_for(lock).pid, 8U);
}

// Preempted as it begins to give the lock back, it still has it.
TEST(LockWaits, AHolderThatGivesTheLockBackIsKnownUntilItsNextCall) {
  LockWaits waits;
  waits.take(holder, call_from(in_holders_call, 1'000));
  waits.give(holder, lock);
  waits.take(payload, call_from(in_payloads_call, 2'000));
  ASSERT_TRUE(leaves(&waits, task_at(payload, 7), task_at(holder, 301), 2'500, stack_with(in_payloads_call)));
  EXPECT_EQ(waits.resume(payload, 3'000)->taken.link, in_holders_call);
  waits.take(holder, call_from(in_payloads_call, 4'000, other_lock));
  waits.give(payload, lock);
  waits.take(payload, call_from(in_payloads_call, 5'000));
  ASSERT_TRUE(leaves(&waits, task_at(payload, 7), task_at(holder, 301), 5'500, stack_with(in_payloads_call)));
  EXPECT_EQ(waits.resume(payload, 6'000)->taken, SectionPlace()) << "it is over";
}

// Locks that are given back by ways that are not followed.
TEST(LockWaits, WhatIsNeverGivenBackDoesNotGrow) {
  LockWaits waits;
  for (std::uint64_t i = 0; i < 1'000; ++i)
    waits.take(holder, call_from(in_holders_call + 8 * i, 1'000, lock + 64 * i));
  EXPECT_EQ(waits.call_in(holder, stack_with(in_holders_call)), nullptr) << "the oldest";
  EXPECT_NE(waits.call_in(holder, stack_with(in_holders_call + 8 * 999)), nullptr);
}

}  // namespace
}  // namespace loopgate::lock_waits_test
