#include "run/interrupt_table.h"

#include <gtest/gtest.h>

namespace loopgate::interrupt_table_test {
namespace {

// Of a target: the controller's name begins with digits.
constexpr const char* of_one_cpu =
    "           CPU0       \n"
    " 11:       2939     GICv3  27 Level     arch_timer\n"
    " 17:          1 9030000.pl061   4 Edge      control\n"
    " 18:      10097 9030000.pl061   0 Edge      stimulus\n"
    "IPI0:         0       Rescheduling interrupts\n"
    "Err:          0\n";

constexpr const char* of_two_cpus =
    "            CPU0       CPU1       \n"
    "  46:      10097          3  pinctrl-bcm2835  17 Edge      stimulus\n"
    "  47:          5          6  pinctrl-bcm2835  18 Edge      storm\n"
    " NMI:          0          0   Non-maskable interrupts\n";

TEST(InterruptTable, CountsTheRowOfAName) {
  EXPECT_EQ(interrupts_of(of_one_cpu, "stimulus"), 10'097U);
  EXPECT_EQ(interrupts_of(of_one_cpu, "control"), 1U);
}

TEST(InterruptTable, SaysWhichCpusHandledThem) {
  EXPECT_EQ(cpus_of(of_one_cpu, "stimulus"), "0");
  EXPECT_EQ(cpus_of(of_two_cpus, "storm"), "0,1");
  EXPECT_EQ(cpus_of("   CPU0 CPU2\n 18:  0  7  chip  0 Edge  stimulus\n", "stimulus"), "2");
  EXPECT_EQ(cpus_of("   CPU0 CPU2\n 18:  0  0  chip  0 Edge  stimulus\n", "stimulus"), "");
  for (const char* cut_off : {"", "stimulus", "   CPU0 CPU1\n 18:  7 stimulus\n"})
    EXPECT_EQ(cpus_of(cut_off, "stimulus"), "") << cut_off;
}

TEST(InterruptTable, AddsTheCpusUp) {
  EXPECT_EQ(interrupts_of(of_two_cpus, "stimulus"), 10'100U);
  EXPECT_EQ(interrupts_of(of_two_cpus, "storm"), 11U);
}

TEST(InterruptTable, HasNothingOfANameThatIsNotThere) {
  EXPECT_EQ(interrupts_of(of_one_cpu, "storm"), std::nullopt);
  EXPECT_EQ(interrupts_of(of_one_cpu, "stim"), std::nullopt);
  EXPECT_EQ(interrupts_of(of_one_cpu, "Edge"), std::nullopt) << "no handler's name";
  EXPECT_EQ(interrupts_of("", "storm"), std::nullopt);
  EXPECT_EQ(interrupts_of("storm", "storm"), std::nullopt);
}

TEST(InterruptTable, LeavesRowsOutThatAreCutOff) {
  EXPECT_EQ(interrupts_of("   CPU0 CPU1\n 47:  5 storm\n", "storm"), std::nullopt);
  EXPECT_EQ(interrupts_of("   CPU0 CPU1\n 47:  5  6\n", "storm"), std::nullopt);
  EXPECT_EQ(interrupts_of("   CPU0\n 47:  99999999999999999999999 x storm\n", "storm"), std::nullopt);
}

TEST(InterruptTable, HasAColumnForEachOnlineCpu) {
  EXPECT_EQ(online_cpus("           CPU0       CPU2       \n 18:  7 8 chip 0 Edge CPU1\n"), 2U);
  EXPECT_EQ(online_cpus("           CPU0"), 1U);
  EXPECT_EQ(online_cpus(""), 0U);
  EXPECT_EQ(online_cpus("\n CPU0 CPU1\n"), 0U);
}

TEST(LineOf, IsTheChipAndLineThatTheKernelNames) {
  const std::string table =
      "           CPU0       \n"
      " 17:          1 9030000.pl061   4 Edge      control\n"
      " 18:      10097 9030000.pl061   0 Edge      stimulus\n"
      " 19:          0 GICv3  27 Level     storm\n"
      "IPI0:         0       Rescheduling interrupts\n";
  EXPECT_EQ(line_of(table, "stimulus"), "9030000.pl061 0");
  EXPECT_EQ(line_of(table, "storm"), "") << "a level is no pin's edge";
  EXPECT_EQ(line_of(table, "interrupts"), "");
  EXPECT_EQ(line_of("Edge stimulus\n", "stimulus"), "");
  EXPECT_EQ(line_of("", "stimulus"), "");
}

}  // namespace
}  // namespace loopgate::interrupt_table_test
