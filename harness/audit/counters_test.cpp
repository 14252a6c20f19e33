#include "audit/counters.h"

#include <gtest/gtest.h>

namespace loopgate::counters_test {
namespace {

constexpr const char* interrupts =
    "            CPU0       CPU2\n"
    "  24:         12          3     GICv3  33 Level     uart-pl011\n"
    " IPI0:         7          8       Rescheduling interrupts\n"
    " ERR:          5\n";

TEST(CountersTest, ATableHasACountForEachCpuThatIsOnline) {
  const Counters counters = parse_counter_table(interrupts);
  ASSERT_TRUE(counters);
  ASSERT_EQ(counters->size(), 5U);
  EXPECT_EQ((*counters)[1].name, "24");
  EXPECT_EQ((*counters)[1].cpu, 2);
  EXPECT_EQ((*counters)[1].count, 3U);
  EXPECT_EQ((*counters)[1].about, "GICv3 33 Level uart-pl011");
  EXPECT_EQ((*counters)[4].name, "ERR");
  EXPECT_EQ((*counters)[4].cpu, -1);
}

TEST(CountersTest, WhatIsNoTableIsNothing) {
  for (const char* text : {"", "\n", "24: 1\n", "CPU0 CPUx\n", "CPU0\n24 1\n", "CPU0\n24: one\n",
                           "CPU0\n: 1\n", "CPU0\n\n24: 1\n"})
    EXPECT_FALSE(parse_counter_table(text)) << text;
}

TEST(CountersTest, SoftnetIsHexadecimalAndNamesItsCpu) {
  const std::string zeros =
      " 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000";
  const Counters counters = parse_softnet("000000ff 00000002 0000001a" + zeros + " 00000003 0 0\n", 2);
  ASSERT_TRUE(counters);
  EXPECT_EQ((*counters)[0].count, 26U);
  EXPECT_EQ((*counters)[0].cpu, 3);
}

TEST(CountersTest, AnOldSoftnetHasARowForEachCpu) {
  const Counters counters = parse_softnet("1 0 0\n2 0 9\n", 2);
  ASSERT_TRUE(counters);
  EXPECT_EQ((*counters)[1].cpu, 1);
  EXPECT_EQ((*counters)[1].count, 9U);
}

TEST(CountersTest, WhatIsNoSoftnetIsNothing) {
  for (const char* text : {"", "1 2\n", "1 2 x\n", "\n"}) EXPECT_FALSE(parse_softnet(text, 2)) << text;
}

}  // namespace
}  // namespace loopgate::counters_test
