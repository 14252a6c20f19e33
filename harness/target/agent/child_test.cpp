#include "target/agent/child.h"

#include <gmock/gmock.h>
#include <linux/sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <thread>

namespace loopgate::child_test {
namespace {

// At most 10 s, for a slow machine.
void wait_for_end(Child* child) {
  Child* const known[] = {child};
  for (int i = 0; i < 2000 && !child->ended(); ++i) {
    reap(known);
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
}

Child run(const std::vector<std::string>& argv) {
  auto child = Child::start("test", argv, {"MARK=seen"});
  EXPECT_TRUE(child) << child.error().what;
  wait_for_end(&*child);
  return std::move(*child);
}

TEST(ChildProgram, ItsExitAndOutputAreKept) {
  const Child child = run({"sh", "-c", "echo out $MARK; echo why >&2; exit 7"});
  EXPECT_EQ(child.exit(), "exited 7");
  EXPECT_EQ(child.output(100), "out seen\n");
  EXPECT_EQ(child.output(5), "seen\n");
  EXPECT_EQ(child.errors(100), "why\n");
  EXPECT_EQ(child.last_words(), "why");
}

TEST(ChildProgram, LastWordsComeFromOutputWhenErrorsAreEmpty) {
  EXPECT_EQ(run({"sh", "-c", "echo one; echo two"}).last_words(), "two");
  EXPECT_EQ(run({"true"}).last_words(), "");
}

TEST(ChildProgram, ASignalIsNamed) { EXPECT_EQ(run({"sh", "-c", "kill -9 $$"}).exit(), "signal 9"); }

TEST(ChildProgram, OneThatIsNotThereCannotBeStarted) {
  const auto child = Child::start("test", {"no-such-program"});
  ASSERT_FALSE(child);
  EXPECT_EQ(child.error().what, "no-such-program: cannot be started: No such file or directory");
}

TEST(ChildProgram, ItsGroupEndsWithIt) {
  auto child = Child::start("test", {"sh", "-c", "sleep 60 & echo $!; wait"});
  ASSERT_TRUE(child);
  EXPECT_EQ(child->exit(), "still runs");
  for (int i = 0; i < 2000 && child->output(100).empty(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  const pid_t grandchild = std::stoi(child->output(100));
  child->signal_group(SIGKILL);
  wait_for_end(&*child);
  EXPECT_EQ(child->exit(), "signal 9");
  // An orphan by now: whoever gets it waits for it soon.
  for (int i = 0; i < 400 && ::kill(grandchild, 0) == 0; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  const bool gone = ::kill(grandchild, 0) != 0;
  EXPECT_TRUE(gone || ::getpgid(grandchild) == child->pid()) << "it left its group";
}

TEST(ChildProgram, WhatItLeavesEndsWithIt) {
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  const Child child = run({"sh", "-c", "sleep 60 & echo $!"});
  EXPECT_EQ(child.exit(), "exited 0");
  const pid_t left = std::stoi(child.output(100));
  for (int i = 0; i < 2000 && ::kill(left, 0) == 0; ++i) {
    reap({});
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  EXPECT_NE(::kill(left, 0), 0) << "it sleeps on";
  ::prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0);
}

// Under a load that forks, numbers come round within seconds.
TEST(ChildProgram, AnotherProcessThatGotItsNumberIsLeftAlone) {
  const Child child = run({"true"});
  pid_t number = child.pid();
  clone_args wanted{};
  wanted.exit_signal = SIGCHLD;
  wanted.set_tid = reinterpret_cast<std::uint64_t>(&number);
  wanted.set_tid_size = 1;
  const auto other = static_cast<pid_t>(::syscall(SYS_clone3, &wanted, sizeof(wanted)));
  if (other == 0) {
    ::pause();
    ::_exit(0);
  }
  if (other < 0) GTEST_SKIP() << "a process of a given number needs root";
  ASSERT_EQ(other, child.pid());
  ::setpgid(other, other);
  child.signal(SIGKILL);
  child.signal_group(SIGKILL);
  child.kill_session();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(::waitpid(other, nullptr, WNOHANG), 0) << "it was killed in another one's place";
  ::kill(other, SIGKILL);
  ::waitpid(other, nullptr, 0);
}

TEST(ChildProgram, BlockedSignalsAreNotInherited) {
  sigset_t all, before;
  ::sigfillset(&all);
  ::sigprocmask(SIG_BLOCK, &all, &before);
  const Child child = run({"sh", "-c", "grep SigBlk /proc/self/status"});
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  EXPECT_EQ(child.output(100), "SigBlk:\t0000000000000000\n");
}

}  // namespace
}  // namespace loopgate::child_test
