#include "run/kernel_arguments.h"

#include <gmock/gmock.h>

namespace loopgate::kernel_arguments_test {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// A kernel without NO_HZ_FULL, RCU_NOCB_CPU and PREEMPT_DYNAMIC, as Debian's for arm64 is.
Report answered(std::vector<std::string> log = {}, std::map<std::string, std::string> files = {}) {
  Report report;
  report.kernel.release = "6.12.118+deb13-arm64";
  report.kernel.answers = KernelAnswers{std::move(files), std::move(log), true};
  return report;
}

std::string unknown(const std::string& words) {
  return "Unknown kernel command line parameters \"" + words + "\", will be passed to user space.";
}

ArgumentRow only_row(const std::string& argument, const Report& report) {
  const auto rows = argument_rows(argument, report);
  EXPECT_THAT(rows, SizeIs(1));
  return rows.empty() ? ArgumentRow() : rows.front();
}

AskedState state_of(const std::string& argument, const Report& report) {
  return only_row(argument, report).state;
}

TEST(KernelArguments, ThatTheKernelDoesNotKnowAreNamed) {
  const Report report = answered({unknown("preempt=full threadirq isolcpu=0")});
  const auto rows = argument_rows("panic=-1 preempt=full threadirq", report);
  ASSERT_THAT(rows, SizeIs(3));
  EXPECT_EQ(rows[0].state, AskedState::known);
  EXPECT_EQ(rows[1].state, AskedState::unknown);
  EXPECT_EQ(rows[2].state, AskedState::unknown);
  EXPECT_EQ(argument_problem(rows),
            "the kernel argument preempt=full did nothing: the kernel does not know it, or not this value, "
            "and hands it to user space");
  EXPECT_THAT(argument_problem(argument_rows("panic=-1", report)), IsEmpty());
}

// A part of another's name is not its name.
TEST(KernelArguments, AreComparedWhole) {
  EXPECT_EQ(state_of("preempt", answered({unknown("preempt=full")})), AskedState::known);
  EXPECT_EQ(state_of("a=1", answered({unknown("a=12 ba=1")})), AskedState::known);
}

TEST(KernelArguments, InQuotesKeepTheirBlanks) {
  const auto rows =
      argument_rows(R"(dyndbg="file a.c +p" panic=1)", answered({unknown(R"(dyndbg=file a.c +p)")}));
  ASSERT_THAT(rows, SizeIs(2));
  EXPECT_EQ(rows[0].argument, R"(dyndbg="file a.c +p")");
}

TEST(KernelArguments, BehindTwoDashesAreInits) {
  EXPECT_THAT(argument_rows("-- threadirq", answered({unknown("threadirq")})), IsEmpty());
}

TEST(KernelArguments, IsolcpusIsComparedWithWhatIsIsolated) {
  const auto with = [](const char* isolated) {
    return answered({}, {{"/sys/devices/system/cpu/isolated", isolated}});
  };
  EXPECT_EQ(state_of("isolcpus=2-3", with("2-3")), AskedState::in_effect);
  EXPECT_EQ(state_of("isolcpus=domain,managed_irq,2-3", with("1-3")), AskedState::in_effect);
  EXPECT_EQ(state_of("isolcpus=nohz,3", with("")), AskedState::known);
  EXPECT_EQ(state_of("isolcpus=domain", with("")), AskedState::not_in_effect);
  const ArgumentRow row = only_row("isolcpus=2-3,7", with("2-3"));
  EXPECT_EQ(row.state, AskedState::not_in_effect);
  EXPECT_EQ(row.why, "/sys/devices/system/cpu/isolated has 2-3, which lacks CPU 7");
  EXPECT_EQ(only_row("isolcpus=0", with("")).why,
            "/sys/devices/system/cpu/isolated has none, which lacks CPU 0");
  EXPECT_EQ(state_of("isolcpus=0-N", with("")), AskedState::known) << "a form that is not compared";
}

TEST(KernelArguments, IrqaffinityIsWhatTheKernelMadeOfIt) {
  const auto with = [](const char* mask) { return answered({}, {{"/proc/irq/default_smp_affinity", mask}}); };
  EXPECT_EQ(state_of("irqaffinity=0", with("1")), AskedState::in_effect);
  const ArgumentRow row = only_row("irqaffinity=1", with("3"));
  EXPECT_EQ(row.state, AskedState::not_in_effect) << "the kernel adds the CPU that it booted on";
  EXPECT_EQ(row.why, "/proc/irq/default_smp_affinity has 0-1");
  EXPECT_EQ(state_of("irqaffinity=0-N", with("1")), AskedState::known);
  EXPECT_EQ(state_of("irqaffinity=0", answered()), AskedState::known);
  EXPECT_THAT(questions_on("irqaffinity=0").files, Contains("/proc/irq/default_smp_affinity"));
  EXPECT_THAT(questions_on("threadirqs").files, ::testing::Not(Contains("/proc/irq/default_smp_affinity")));
}

TEST(KernelArguments, IsolatedCpusAreThoseOfTheLastIsolcpus) {
  EXPECT_EQ(isolated_by("quiet isolcpus=managed_irq,domain,2-3"), "2-3");
  EXPECT_EQ(isolated_by("isolcpus=1 isolcpus=2"), "2");
  EXPECT_EQ(isolated_by("isolcpus=domain"), "");
  EXPECT_EQ(isolated_by("nohz_full=1"), "");
}

// "Housekeeping: nohz unsupported": without NO_HZ_FULL there is no such file.
TEST(KernelArguments, NohzFullNeedsAKernelThatHasIt) {
  EXPECT_EQ(state_of("nohz_full=2", answered()), AskedState::not_in_effect);
  EXPECT_THAT(only_row("nohz_full=2", answered()).why, HasSubstr("has no /sys/devices/system/cpu/nohz_full"));
  EXPECT_EQ(state_of("nohz_full=2", answered({}, {{"/sys/devices/system/cpu/nohz_full", "2"}})),
            AskedState::in_effect);
  EXPECT_EQ(state_of("nohz-full=2", answered({}, {{"/sys/devices/system/cpu/nohz_full", "(null)"}})),
            AskedState::not_in_effect);
}

TEST(KernelArguments, RcuNocbsIsWhatTheKernelSaysThatItOffloads) {
  const auto offloads = [](const char* list) {
    return answered({std::string("rcu: \tOffload RCU callbacks from CPUs: ") + list + "."});
  };
  EXPECT_EQ(state_of("rcu_nocbs=2-3", offloads("2-3")), AskedState::in_effect);
  EXPECT_EQ(state_of("rcu_nocbs=2-3", offloads("2")), AskedState::not_in_effect);
  EXPECT_EQ(state_of("rcu_nocbs=2", offloads("(none)")), AskedState::not_in_effect);
  EXPECT_EQ(state_of("rcu_nocbs=2", answered()), AskedState::not_in_effect);
  EXPECT_EQ(state_of("rcu_nocbs", offloads("0-3")), AskedState::in_effect);
}

TEST(KernelArguments, ThreadirqsNeedsAnIrqThread) {
  Report report = answered();
  EXPECT_EQ(state_of("threadirqs", report), AskedState::not_in_effect);
  report.threads = {{"irq/18-stimulus", 60, "fifo", 50}};
  EXPECT_EQ(state_of("threadirqs", report), AskedState::known) << "a GPIO line's has a thread in any case";
  report.threads.push_back({"irq/14-uart-pl011", 61, "fifo", 50});
  EXPECT_EQ(state_of("threadirqs", report), AskedState::in_effect);
}

TEST(KernelArguments, PreemptIsTheModeInBrackets) {
  const auto with = [](const char* text) {
    return answered({}, {{"/sys/kernel/debug/sched/preempt", text}});
  };
  EXPECT_EQ(state_of("preempt=full", with("none voluntary (full)")), AskedState::in_effect);
  EXPECT_EQ(state_of("preempt=none", with("none voluntary (full)")), AskedState::not_in_effect);
  EXPECT_EQ(state_of("preempt=full", answered()), AskedState::known);
}

TEST(KernelArguments, OfAModuleAreReadBackWhereItShowsThem) {
  const auto with = [](const char* text) {
    return answered({}, {{"/sys/module/rcutree/parameters/kthread_prio", text}});
  };
  EXPECT_THAT(questions_on("rcutree.kthread-prio=10").files,
              Contains("/sys/module/rcutree/parameters/kthread_prio"));
  EXPECT_EQ(state_of("rcutree.kthread_prio=10", with("10")), AskedState::in_effect);
  EXPECT_EQ(state_of("rcutree.kthread_prio=10", with("1")), AskedState::known);
  EXPECT_EQ(state_of("rcutree.kthread_prio=10", answered()), AskedState::not_told);
  EXPECT_EQ(state_of("printk.time=1", answered({}, {{"/sys/module/printk/parameters/time", "Y"}})),
            AskedState::in_effect);
}

// What Linux 6.12 prints of values that it does not take.
TEST(KernelArguments, WhoseValueTheKernelRefusesDoNothing) {
  const Report report = answered({"Unsupported mitigations=of, system may still be vulnerable",
                                  "Malformed early option 'log_buf_len'",
                                  "Booting kernel: `x' invalid for parameter `rcupdate.rcu-expedited'"});
  const ArgumentRow row = only_row("mitigations=of", report);
  EXPECT_EQ(row.state, AskedState::not_in_effect);
  EXPECT_EQ(row.why, "the kernel's log has \"Unsupported mitigations=of, system may still be vulnerable\"");
  EXPECT_EQ(state_of("mitigations=off", report), AskedState::known) << "the last one counts, or the board's";
  EXPECT_EQ(state_of("log_buf_len=x", report), AskedState::not_in_effect);
  EXPECT_EQ(state_of("log_buf=x", report), AskedState::known);
  EXPECT_EQ(state_of("rcupdate.rcu_expedited=x", report), AskedState::not_in_effect);
  EXPECT_EQ(state_of("rcupdate.rcu_expeditd=x", report), AskedState::not_told);
  EXPECT_THAT(questions_on("panic=1").log, Contains("Unsupported mitigations="));
}

TEST(KernelArguments, OfWhichNobodyTellsAreNotTakenForKnown) {
  Report old = answered();
  old.kernel.release = "5.10.0-30-arm64";
  EXPECT_EQ(state_of("anything", old), AskedState::not_told);
  old.kernel.release = "5.14.1";
  EXPECT_EQ(state_of("anything", old), AskedState::known);
  Report overwritten = answered();
  overwritten.kernel.answers->log_is_whole = false;
  EXPECT_EQ(state_of("anything", overwritten), AskedState::not_told);
  Report unasked = answered();
  unasked.kernel.answers.reset();
  EXPECT_EQ(state_of("anything", unasked), AskedState::not_told);
}

}  // namespace
}  // namespace loopgate::kernel_arguments_test
