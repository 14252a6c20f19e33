#include "record/console.h"

#include <gmock/gmock.h>

#include <filesystem>

#include "base/testing/temp_folder.h"

namespace loopgate::console_test {
namespace {

using ::testing::HasSubstr;

std::string recorded(const std::string& name) {
  const std::filesystem::path path =
      std::filesystem::path(LOOPGATE_SOURCE_DIR) / "fixtures" / "recordings" / ("console-" + name + ".log");
  EXPECT_TRUE(std::filesystem::exists(path)) << path;
  return text_of_file(path);
}

std::string found_in(const std::string& log) {
  const ConsoleFinding finding = read_console(log);
  EXPECT_EQ(finding.kernel_failed, !finding.what.empty());
  return finding.what;
}

TEST(Console, OfAGoodBootTellsNothing) {
  EXPECT_EQ(found_in(recorded("good")), "");
  EXPECT_EQ(found_in(recorded("empty")), "");
}

TEST(Console, FindsAPanicAndItsReason) {
  EXPECT_EQ(found_in(recorded("panic")), "the kernel panicked: Attempted to kill init! exitcode=0x0000000b");
}

// A candidate on the emulated board, with what U-Boot and the board's own system print around it.
TEST(Console, OfABoardsSerialPortIsReadThroughItsRestarts) {
  EXPECT_EQ(found_in(recorded("board-panic")),
            "the kernel panicked: VFS: Unable to mount root fs on unknown-block(0,0)");
}

TEST(Console, FindsAnOops) {
  EXPECT_EQ(found_in(recorded("oops")),
            "the kernel died of an internal error: Oops: 0000000096000004 [#1] SMP");
}

TEST(Console, ThePanicAfterAnOopsIsWhatEndedTheKernel) {
  EXPECT_EQ(found_in(recorded("oops") + "[    3.417] Kernel panic - not syncing: Oops: Fatal exception\n"),
            "the kernel panicked: Oops: Fatal exception");
}

TEST(Console, ReadsALogThatIsCutOff) {
  EXPECT_EQ(found_in(recorded("truncated")), "the kernel panicked: Attempted to ki");
  const std::string oops = recorded("oops");
  EXPECT_THAT(found_in(oops.substr(0, oops.find("Mem abort"))),
              HasSubstr("NULL pointer dereference at virtual address 0000000000000008"));
}

// QEMU may be ended in the middle of a word.
TEST(Console, ReadsALogThatIsCutOffWithinThePanicsFirstWords) {
  const std::string log = recorded("panic");
  const std::size_t at = log.find("Kernel panic - not syncing");
  EXPECT_TRUE(read_console(log.substr(0, at + 14)).kernel_failed) << log.substr(at, 14);
}

TEST(Console, ReadsLinesThatAreInterleaved) {
  EXPECT_EQ(found_in(recorded("interleaved")), "the kernel panicked: Fatal exception in interrupt");
}

// With one CPU the stalled one finds the stall itself.
TEST(Console, FindsAStalledRcu) {
  EXPECT_EQ(found_in(recorded("hang")), "the kernel's RCU stalled");
  EXPECT_EQ(found_in("[   30.1] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:\n"),
            "the kernel's RCU stalled");
  EXPECT_EQ(
      found_in("[   30.1] rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { 0-.... }\n"),
      "the kernel's RCU stalled");
}

TEST(Console, FindsLockups) {
  EXPECT_EQ(found_in("[   48.0] watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [stress-ng-vm:212]\n"),
            "a CPU of the kernel locked up: CPU#0 stuck for 26s! [stress-ng-vm:212]");
  // Debian 13's kernel 6.12.118, held by fixtures/planted for longer than watchdog_thresh=1 allows.
  EXPECT_EQ(found_in(recorded("soft-lockup")),
            "a CPU of the kernel locked up: CPU#0 stuck for 3s! [planted:121]");
  EXPECT_EQ(found_in("[   48.0] watchdog: BUG: soft lockup"), "a CPU of the kernel locked up");
  // kernel/watchdog.c of 6.12: watchdog_hardlockup_check().
  EXPECT_EQ(found_in("[   48.0] watchdog: CPU0: Watchdog detected hard LOCKUP on cpu 0\n"),
            "a CPU of the kernel locked up hard");
  EXPECT_EQ(found_in("[    2.0] BUG: scheduling while atomic: irq/46-stimulus/63/0x00000002\n"),
            "the kernel scheduled while atomic");
}

TEST(Console, NamesTheTaskThatHung) {
  const std::string what =
      found_in("[  242.6] INFO: task kworker/0:1:12 blocked for more than 120 seconds.\n");
  EXPECT_THAT(what, HasSubstr("a task hung in the kernel"));
  EXPECT_THAT(what, HasSubstr("120 seconds"));
  EXPECT_THAT(what, HasSubstr("kworker/0:1"));
}

// The emulated board's, whose disk was frozen for longer than hung_task_timeout_secs=10 allows.
TEST(Console, NamesARecordedTaskThatHung) {
  const std::string what = found_in(recorded("hung-task"));
  EXPECT_THAT(what, HasSubstr("a task hung in the kernel: "));
  EXPECT_THAT(what, HasSubstr("INFO: task touch:225 blocked for more than 10 seconds."));
}

// As arch/x86/mm/fault.c (show_fault_oops) and arch/x86/kernel/dumpstack.c (__die_header) of 6.12 print them.
TEST(Console, FindsWhatAnX86KernelDiesOf) {
  EXPECT_EQ(found_in("[    9.1] BUG: kernel NULL pointer dereference, address: 0000000000000008\n"
                     "[    9.1] Oops: Oops: 0002 [#1] PREEMPT_RT SMP NOPTI\n"),
            "the kernel touched memory that it must not: a null pointer");
  EXPECT_EQ(found_in("[    9.1] BUG: unable to handle page fault for address: ffffc90000a3d000\n"),
            "the kernel touched memory that it must not: page fault for address: ffffc90000a3d000");
  EXPECT_EQ(
      found_in(
          "[    9.1] Oops: general protection fault, probably for non-canonical address 0xdead: 0000 [#1]\n"),
      "the kernel died of an internal error: general protection fault, probably for non-canonical address "
      "0xdead: "
      "0000 [#1]");
  EXPECT_EQ(found_in("[    9.1] kernel BUG at kernel/sched/core.c:4711!\n"),
            "the kernel found a bug of its own at kernel/sched/core.c:4711!");
}

TEST(Console, BlamesNoKernelForWhatAnotherSaidBeforeIt) {
  const std::string before = recorded("panic") + "\n" + std::string(console_mark) + "\n";
  EXPECT_EQ(found_in(before + recorded("good")), "");
  EXPECT_EQ(found_in(before + recorded("oops")), found_in(recorded("oops")));
}

TEST(Console, LetsNoControlCharactersThrough) {
  EXPECT_EQ(found_in("Kernel panic - not syncing: a\x1b[31mb\x7f\xff\n"), "the kernel panicked: a?[31mb??");
}

}  // namespace
}  // namespace loopgate::console_test
