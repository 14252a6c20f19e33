#include "qemu/plugin/exception_stacks.h"

#include <gtest/gtest.h>

namespace loopgate::exception_stacks_test {
namespace {

TEST(ExceptionStacks, AnInterruptLastsUntilItReturns) {
  ExceptionStacks stacks;
  EXPECT_FALSE(stacks.in_interrupt(1));
  stacks.enter(1, false);  // a system call
  EXPECT_FALSE(stacks.in_interrupt(1));
  stacks.enter(1, true);
  stacks.enter(1, false);  // a fault in the interrupt
  EXPECT_TRUE(stacks.in_interrupt(1));
  stacks.leave(1);
  EXPECT_TRUE(stacks.in_interrupt(1));
  stacks.leave(1);
  EXPECT_FALSE(stacks.in_interrupt(1)) << "the system call goes on";
}

TEST(ExceptionStacks, EachTaskHasItsOwn) {
  ExceptionStacks stacks;
  stacks.enter(1, true);  // on the interrupt's way out, another task comes on
  EXPECT_FALSE(stacks.in_interrupt(2));
  stacks.enter(2, true);
  stacks.leave(2);
  EXPECT_TRUE(stacks.in_interrupt(1));
}

TEST(ExceptionStacks, WhatWasTakenBeforeAnybodyLookedIsLeftAlone) {
  ExceptionStacks stacks;
  stacks.leave(1);
  stacks.enter(1, true);
  EXPECT_TRUE(stacks.in_interrupt(1));
  stacks.clear(1);
  EXPECT_FALSE(stacks.in_interrupt(1)) << "it is in user space, or another task has its address";
  stacks.enter(1, true);
  stacks.enter(2, true);
  stacks.clear();
  EXPECT_FALSE(stacks.in_interrupt(1) || stacks.in_interrupt(2));
}

}  // namespace
}  // namespace loopgate::exception_stacks_test
