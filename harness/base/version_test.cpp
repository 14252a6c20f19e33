#include "base/version.h"

#include <gtest/gtest.h>

namespace loopgate::version_test {
namespace {

TEST(IsOlder, ComparesNumberByNumber) {
  EXPECT_TRUE(is_older("10.0.2", "10.2"));
  EXPECT_TRUE(is_older("10.0.2", "10.0.3"));
  EXPECT_TRUE(is_older("9.2", "10.0")) << "no text is compared";
  EXPECT_TRUE(is_older("7.2.17", "10.0"));
  EXPECT_FALSE(is_older("10.2", "10.2"));
  EXPECT_FALSE(is_older("10.10", "10.2"));
  EXPECT_FALSE(is_older("11.0", "10.2"));
}

TEST(IsOlder, TakesWhatIsLeftOutForZero) {
  EXPECT_FALSE(is_older("10", "10.0.0"));
  EXPECT_FALSE(is_older("10.0.0", "10"));
  EXPECT_TRUE(is_older("10", "10.0.1"));
}

TEST(IsOlder, LeavesOutWhatFollowsTheNumbers) {
  EXPECT_FALSE(is_older("10.2.0-rc1", "10.2"));
  EXPECT_FALSE(is_older("10.0.2+ds", "10.0.2"));
  EXPECT_TRUE(is_older("", "10.0")) << "no version is none that would do";
  EXPECT_TRUE(is_older("unknown", "10.0"));
  EXPECT_TRUE(is_older("99999999999999999999.0", "10.0"));
}

}  // namespace
}  // namespace loopgate::version_test
