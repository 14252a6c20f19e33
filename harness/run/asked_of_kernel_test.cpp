#include "run/asked_of_kernel.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "run/testing/fake_machine.h"

namespace loopgate::asked_of_kernel_test {
namespace {

using ::testing::ElementsAre;

Kernel kernel() {
  Kernel kernel;
  kernel.source = PackageSource{.package = "linux-image", .load = {"vivid"}};
  kernel.arguments = "threadirqs preempt=full";
  kernel.files = {{"/proc/sys/kernel/sched_rt_runtime_us", "-1", ""}};
  kernel.threads = {
      {"irq/*-stimulus", "fifo", 85, true}, {"irq/*", "fifo", 40, false}, {"ksoftirqd/*", "other", 0}};
  kernel.checks = {{"real-time", "/sys/kernel/realtime", "", "1", ""},
                   {"built in", "", "CONFIG_PREEMPT_RT", "y", ""}};
  return kernel;
}

KernelFiles files() {
  KernelFiles files;
  files.release = "6.12.117+deb13-rt-arm64";
  files.config_checks = {{"built in", "y", "y", true}};
  files.build.unknown_options = {"CONFIG_A=y"};
  return files;
}

Report report() {
  Report report = good_report();
  report.kernel.command_line = "console=ttyAMA0 threadirqs preempt=full";
  report.kernel.answers->log = {
      "Unknown kernel command line parameters \"preempt=full\", will be passed to user space."};
  report.tuning.push_back({"irq/46-stimulus", "fifo 85", "fifo 85", true, 63});
  report.tuning.push_back({"ksoftirqd/0", "other", "other", true, 16});
  report.tuning.push_back({"ksoftirqd/1", "other", "other", true, 17});
  report.tuning.push_back({"irq/17-control", "fifo 99", "fifo 99", true, 61});  // the agent's own rule
  report.tuning_end = report.tuning;
  return report;
}

std::vector<std::string> told(const Report& report) {
  std::vector<std::string> lines;
  for (const AskedFor& row : asked_of_kernel(kernel(), files(), report))
    lines.push_back(fmt::format("{} {}: {}: {}", row.kind, row.asked, name_of(row.became), row.read_back));
  return lines;
}

TEST(AskedOfKernel, HasARowForEachThingThatItsFileAsksFor) {
  EXPECT_THAT(
      told(report()),
      ElementsAre(
          "image Linux 6.12.117+deb13-rt-arm64: in effect: 6.12.117+deb13-rt-arm64",
          "option CONFIG_A=y: not in effect: no Kconfig file of the sources has such an option",
          "module vivid: in effect: the kernel booted, and it stops at a module that is not loaded",
          "argument threadirqs: known: there are no other irq threads than the GPIO lines' own",
          "argument preempt=full: unknown: the kernel does not know it, or not this value, and hands it to "
          "user space",
          "tuning /proc/sys/kernel/sched_rt_runtime_us = -1: in effect: -1",
          "tuning threads irq/*-stimulus: fifo 85: in effect: irq/46-stimulus (pid 63)",
          "tuning threads irq/*: fifo 40: not in effect: no such thread, and none is required",
          "tuning threads ksoftirqd/*: other: in effect: ksoftirqd/0 (pid 16), ksoftirqd/1 (pid 17)",
          "check real-time: /sys/kernel/realtime is 1: in effect: 1",
          "check built in: CONFIG_PREEMPT_RT is y: in effect: y"));
}

TEST(AskedOfKernel, SaysWhatWasUndoneWhileMeasuring) {
  Report undone = report();
  undone.tuning_end[0] = {"/proc/sys/kernel/sched_rt_runtime_us", "-1", "950000", false};
  undone.tuning_end[1].read_back = "fifo 50";
  undone.tuning_end[1].ok = false;
  undone.tuning_end.push_back({"irq/47-late", "fifo 40", "fifo 40", true, 70});
  undone.checks_end[0].seen = "0";
  undone.checks_end[0].passed = false;
  const auto lines = told(undone);
  EXPECT_EQ(
      lines.at(5),
      "tuning /proc/sys/kernel/sched_rt_runtime_us = -1: not in effect: 950000 when measuring was over");
  EXPECT_EQ(lines.at(6),
            "tuning threads irq/*-stimulus: fifo 85: not in effect: irq/46-stimulus (pid 63): fifo 50 "
            "when measuring was over");
  EXPECT_EQ(lines.at(7), "tuning threads irq/*: fifo 40: in effect: irq/47-late (pid 70)")
      << "it came meanwhile";
  EXPECT_EQ(lines.at(9),
            "check real-time: /sys/kernel/realtime is 1: not in effect: 0 when measuring was over");
}

TEST(AskedOfKernel, ArgumentsWithoutAProofAreUnconfirmed) {
  EXPECT_THAT(
      unconfirmed_arguments(asked_of_kernel(kernel(), files(), report())),
      ElementsAre(
          UnconfirmedArgument{"CONFIG_A=y",
                              "it did nothing: no Kconfig file of the sources has such an option"},
          UnconfirmedArgument{"threadirqs",
                              "the kernel knows it, and there are no other irq threads than the GPIO lines' "
                              "own"},
          UnconfirmedArgument{"preempt=full",
                              "it did nothing: the kernel does not know it, or not this value, and hands it "
                              "to user space"}));
  Kernel other = kernel();
  other.arguments = "rcupdate.rcu_expeditd=1 panic=1 printk.time=1";
  Report shown = report();
  shown.kernel.command_line = "console=ttyAMA0 " + other.arguments;
  shown.kernel.answers->files["/sys/module/printk/parameters/time"] = "Y";
  EXPECT_THAT(unconfirmed_arguments(asked_of_kernel(other, KernelFiles(), shown)),
              ElementsAre(UnconfirmedArgument{"rcupdate.rcu_expeditd=1",
                                              "the kernel does not say whether it knows it: there is no "
                                              "/sys/module/rcupdate/parameters/rcu_expeditd to read back"},
                          UnconfirmedArgument{"panic=1",
                                              "the kernel knows it, and nothing shows what it did with "
                                              "it"}));
}

TEST(AskedOfKernel, GuessesNothing) {
  Report nothing;
  for (const AskedFor& row : asked_of_kernel(kernel(), KernelFiles(), nothing)) {
    if (row.kind == "argument") continue;
    EXPECT_EQ(row.became, AskedState::not_told) << row.asked;
    EXPECT_EQ(row.read_back, "") << row.asked;
  }
  Report dropped = report();
  dropped.kernel.command_line = "console=ttyAMA0 preempt=full";
  EXPECT_EQ(told(dropped).at(3),
            "argument threadirqs: not in effect: the running kernel's command line does not have it");
  Report another = report();
  another.kernel.release = "6.1.0";
  EXPECT_EQ(told(another).at(0), "image Linux 6.12.117+deb13-rt-arm64: not in effect: 6.1.0");
}

TEST(AskedOfKernel, SaysWhyAPayloadsThreadIsMissing) {
  Kernel tuned;
  tuned.threads = {{"irq/*-stimulus", "fifo", 85, true, true}};
  const auto rows = asked_of_kernel(tuned, files(), good_report());
  const auto row = std::ranges::find(rows, "tuning", &AskedFor::kind);
  ASSERT_NE(row, rows.end());
  EXPECT_EQ(row->became, AskedState::not_in_effect);
  EXPECT_EQ(row->read_back, "no such thread: it comes with a payload");
}

TEST(AskedOfKernel, OfManyThreadsNamesSome) {
  Report many = report();
  for (int i = 2; i < 10; ++i)
    many.tuning.push_back({fmt::format("ksoftirqd/{}", i), "other", "other", true, 20 + i});
  EXPECT_THAT(told(many).at(8), ::testing::EndsWith("ksoftirqd/5 (pid 25) and 4 more"));
}

}  // namespace
}  // namespace loopgate::asked_of_kernel_test
