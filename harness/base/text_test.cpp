#include "base/text.h"

#include <gtest/gtest.h>

#include <limits>

namespace loopgate::text_test {
namespace {

TEST(Text, ThousandsAreSeparatedByCommas) {
  EXPECT_EQ(with_thousands(0), "0");
  EXPECT_EQ(with_thousands(999), "999");
  EXPECT_EQ(with_thousands(1'000), "1,000");
  EXPECT_EQ(with_thousands(123'456), "123,456");
  EXPECT_EQ(with_thousands(1'234'567), "1,234,567");
  EXPECT_EQ(with_thousands(std::numeric_limits<std::uint64_t>::max()), "18,446,744,073,709,551,615");
}

TEST(Text, TheLastLineIsTheLastThatSaysSomething) {
  EXPECT_EQ(last_line("one\ntwo\n \n"), "two");
  EXPECT_EQ(last_line("one\r\n"), "one");
  EXPECT_EQ(last_line("10 %\r20 %\rfailed\n"), "failed");
  EXPECT_EQ(last_line("one"), "one");
  EXPECT_EQ(last_line("\n"), "");
  EXPECT_EQ(last_line(""), "");
}

}  // namespace
}  // namespace loopgate::text_test
