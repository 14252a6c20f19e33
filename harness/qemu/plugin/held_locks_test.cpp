#include "qemu/plugin/held_locks.h"

#include <gtest/gtest.h>

namespace loopgate::held_locks_test {
namespace {

constexpr std::uint64_t lock = 0x100;
constexpr std::uint64_t other = 0x200;
constexpr std::uint64_t caller = 0x5000;

// The payload takes both on its way.
HeldLocks wanted() {
  HeldLocks locks;
  locks.set_under_way(true);
  EXPECT_FALSE(locks.take(lock, caller, true, 10));
  EXPECT_FALSE(locks.take(other, caller, true, 20));
  locks.set_under_way(false);
  return locks;
}

TEST(HeldLocksTest, OpensWhereAnotherTaskTakesWhatThePayloadWants) {
  HeldLocks locks = wanted();
  const auto opened = locks.take(lock, caller, false, 1'000);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->kind, SectionKind::lock_held);
  EXPECT_EQ(opened->at_ns, 1'000);
  EXPECT_EQ(opened->place, (SectionPlace{caller, lock}));
  EXPECT_EQ(opened->beside, 0U);
  const auto closed = locks.give(lock, 4'000);
  ASSERT_TRUE(closed);
  EXPECT_EQ(closed->end_ns - closed->begin_ns, 3'000);
  EXPECT_EQ(closed->opened, opened->place);
  EXPECT_FALSE(locks.give(lock, 5'000)) << "nobody holds it";
}

TEST(HeldLocksTest, ALockThatThePayloadDoesNotTakeIsNone) {
  HeldLocks locks = wanted();
  EXPECT_FALSE(locks.take(0x300, caller, false, 1'000));
  EXPECT_FALSE(locks.take(0x300, caller, true, 2'000)) << "no stimulus is under way";
  EXPECT_FALSE(locks.take(0x300, caller, false, 3'000));
}

TEST(HeldLocksTest, TheTimeOfOtherTasksIsNoLength) {
  HeldLocks locks = wanted();
  ASSERT_TRUE(locks.take(lock, caller, false, 1'000));
  locks.switched();
  EXPECT_FALSE(locks.give(lock, 4'000));
}

TEST(HeldLocksTest, ATaskThatWaitsForALockHasNotTakenIt) {
  HeldLocks locks = wanted();
  ASSERT_TRUE(locks.take(lock, caller, false, 1'000));
  EXPECT_EQ(locks.held(), 1U);
  EXPECT_FALSE(locks.take(lock, caller, false, 2'000));
  EXPECT_TRUE(locks.take(lock, caller, false, 20'000'000))
      << "nobody holds one for so long: its end was missed";
  ASSERT_TRUE(locks.give(lock, 20'001'000));
  EXPECT_EQ(locks.held(), 0U);
}

TEST(HeldLocksTest, CountsWhatTasksHoldThatDoNotRun) {
  HeldLocks locks = wanted();
  ASSERT_TRUE(locks.take(other, caller, false, 500));
  EXPECT_EQ(locks.take(lock, caller, false, 1'000)->beside, 0U) << "the same task's";
  (void)locks.give(lock, 1'100);
  locks.switched();
  EXPECT_EQ(locks.take(lock, caller, false, 2'000)->beside, 1U);
}

}  // namespace
}  // namespace loopgate::held_locks_test
