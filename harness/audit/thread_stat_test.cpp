#include "audit/thread_stat.h"

#include <gtest/gtest.h>

namespace loopgate::thread_stat_test {
namespace {

// Of a Debian 13 kernel, the fields after the name as proc_pid_stat(5) counts them.
constexpr const char* line =
    "44 (irq/15-rtc) :) S 2 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 -51 0 1 0 108 0 0 18446744073709551615 0 0 0 0 "
    "0 0 0 "
    "2147483647 0 0 0 0 17 3 50 1 0 0 0 0 0 0 0 0 0 0 0";

TEST(ThreadStatTest, ANameMayHoldBracketsAndBlanks) {
  const auto stat = parse_thread_stat(line);
  ASSERT_TRUE(stat);
  EXPECT_EQ(stat->id, 44);
  EXPECT_EQ(stat->name, "irq/15-rtc) :");
  EXPECT_TRUE(stat->kernel);
  EXPECT_EQ(stat->cpu, 3);
  EXPECT_TRUE(stat->real_time());
  EXPECT_EQ(to_text(*stat), "irq/15-rtc) : (FIFO 50)");
}

TEST(ThreadStatTest, ACutOffLineIsNothing) {
  const std::string whole = line;
  const std::string last_needed = " 17 3 50 1";
  const std::size_t end = whole.find(last_needed) + last_needed.size();
  EXPECT_TRUE(parse_thread_stat(whole.substr(0, end)));
  for (std::size_t size = 0; size < end - 1; ++size)
    EXPECT_FALSE(parse_thread_stat(whole.substr(0, size))) << whole.substr(0, size);
}

}  // namespace
}  // namespace loopgate::thread_stat_test
