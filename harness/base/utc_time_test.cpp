#include "base/utc_time.h"

#include <gtest/gtest.h>

#include <ctime>

namespace loopgate {
namespace {

TEST(UtcTime, CountsSecondsSince1970) {
  EXPECT_EQ(unix_seconds("1970-01-01T00:00:00Z"), 0);
  EXPECT_EQ(unix_seconds("2026-01-31T12:00:00Z"), 1'769'860'800);  // date -u -d ... +%s
  EXPECT_EQ(unix_seconds("2024-02-29T23:59:59Z"), 1'709'251'199);
}

TEST(UtcTime, NowIsInTheFormThatIsRead) {
  const auto now = unix_seconds(utc_now());
  ASSERT_TRUE(now);
  EXPECT_NEAR(static_cast<double>(*now), static_cast<double>(std::time(nullptr)), 5);
}

TEST(UtcTime, TakesNoOtherForm) {
  for (const char* text : {"", "2026-01-31", "2026-01-31 12:00:00Z", "2026-01-31T12:00:00",
                           "2026-02-30T12:00:00Z", "2026-13-01T12:00:00Z", "2026-01-31T24:00:00Z",
                           "2026-01-31T12:60:00Z", "2026-01-31T12:00:0xZ", "2026-01-31T12:00:00Z "})
    EXPECT_EQ(unix_seconds(text), std::nullopt) << text;
}

}  // namespace
}  // namespace loopgate
