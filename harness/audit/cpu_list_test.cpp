#include "audit/cpu_list.h"

#include <gtest/gtest.h>

namespace loopgate::cpu_list_test {
namespace {

TEST(CpuListTest, ReadsRangesAndSingles) {
  EXPECT_EQ(parse_cpu_list("0-2,5\n"), (CpuSet{0, 1, 2, 5}));
  EXPECT_EQ(parse_cpu_list("7"), (CpuSet{7}));
}

TEST(CpuListTest, NoneIsWrittenInThreeWays) {
  for (const char* text : {"", "\n", "(null)\n"}) EXPECT_EQ(parse_cpu_list(text), CpuSet{}) << text;
}

TEST(CpuListTest, WhatIsNoListIsNothing) {
  for (const char* text : {"a", "1-", "-1", "3-1", "1,,2", "1 2", "0-8192", "0-99999999999", "all", "1-2-3"})
    EXPECT_FALSE(parse_cpu_list(text)) << text;
}

TEST(CpuMaskTest, TheHighestGroupComesFirst) {
  EXPECT_EQ(parse_cpu_mask("3\n"), (CpuSet{0, 1}));
  EXPECT_EQ(parse_cpu_mask("00000001,80000000"), (CpuSet{31, 32}));
}

TEST(CpuMaskTest, WhatIsNoMaskIsNothing) {
  for (const char* text : {"", "0x3", "g", "1,", "123456789"}) EXPECT_FALSE(parse_cpu_mask(text)) << text;
  std::string endless = "1";
  for (int i = 0; i < 400; ++i) endless += ",1";
  EXPECT_FALSE(parse_cpu_mask(endless));
}

TEST(CpuListTest, IsWrittenAsTheKernelDoes) {
  EXPECT_EQ(to_text(CpuSet{0, 1, 2, 5, 7, 8}), "0-2,5,7-8");
  EXPECT_EQ(to_text(CpuSet{}), "none");
}

}  // namespace
}  // namespace loopgate::cpu_list_test
