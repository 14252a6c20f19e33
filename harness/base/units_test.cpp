#include "base/units.h"

#include <gtest/gtest.h>

namespace loopgate::units_test {
namespace {

TEST(Units, ADurationIsInTheUnitThatFits) {
  EXPECT_EQ(duration_text(0), "0 ns");
  EXPECT_EQ(duration_text(999), "999 ns");
  EXPECT_EQ(duration_text(1'000), "1 us");
  EXPECT_EQ(duration_text(23'716), "23.72 us");
  EXPECT_EQ(duration_text(1'204'600), "1.205 ms");
}

TEST(Units, MicrosecondsHaveThreeFiguresBelowAThousand) {
  EXPECT_EQ(us_text(17), "0.017 us");
  EXPECT_EQ(us_text(1'234), "1.23 us");
  EXPECT_EQ(us_text(23'716), "23.7 us");
  EXPECT_EQ(us_text(18'640'499), "18,640 us");
}

}  // namespace
}  // namespace loopgate::units_test
