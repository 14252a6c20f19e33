#include "schedule/due_times.h"

#include <gmock/gmock.h>

namespace loopgate::due_times_test {
namespace {

TEST(DueTimes, AreThoseOfTheTrain) {
  PulseSettings settings;
  settings.seed = 7;
  settings.self_checks = 0;
  settings.warm_up = 3;
  settings.counted = 50;
  PulseTrain train(settings);
  train.start(1'000);
  DueTimes ahead(settings, 1'000);
  for (int i = 0; i < 53; ++i) {
    const auto due_ns = train.next_due_ns();
    ASSERT_TRUE(due_ns);
    EXPECT_EQ(ahead.next(), due_ns);
    train.due(*due_ns + 17);
    if (i % 3 != 0) train.response(*due_ns + 20);  // what comes of a stimulus moves no due time
  }
  EXPECT_EQ(ahead.next(), std::nullopt);
  EXPECT_EQ(ahead.next(), std::nullopt);
}

}  // namespace
}  // namespace loopgate::due_times_test
