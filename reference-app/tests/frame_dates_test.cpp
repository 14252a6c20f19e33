#include "inspection/frame_dates.h"

#include <gtest/gtest.h>

namespace loopgate::inspection {
namespace {

constexpr std::int64_t part = 1'000, later = 1'200;

TEST(FrameDates, ABelievedDateDecides) {
  FrameDates dates;
  EXPECT_TRUE(dates.is_old(part - 1, 0, later, part, true));
  EXPECT_FALSE(dates.is_old(part, 0, later, part, false)) << "it was ready at once, and is of the part";
}

TEST(FrameDates, OfAFramesEndLeaveItsExposureTime) {
  FrameDates dates;
  EXPECT_TRUE(dates.is_old(part + 99, 100, later, part, true)) << "its exposure may have begun before";
  EXPECT_FALSE(dates.is_old(part + 100, 100, later, part, false));
}

TEST(FrameDates, WithoutOneAFrameThatWasReadyIsOld) {
  FrameDates dates;
  EXPECT_TRUE(dates.is_old(std::nullopt, 0, later, part, false));
  EXPECT_FALSE(dates.is_old(std::nullopt, 0, later, part, true));
}

TEST(FrameDates, AreNotBelievedOnceOneWasAhead) {
  FrameDates dates;
  EXPECT_TRUE(dates.is_old(later + 1, 0, later, part, false)) << "after the part, and a time to come";
  EXPECT_TRUE(dates.is_old(part + 1, 0, later, part, false)) << "of the past by now, and may have been ahead";
  EXPECT_FALSE(dates.is_old(part + 1, 0, later, part, true));
}

}  // namespace
}  // namespace loopgate::inspection
