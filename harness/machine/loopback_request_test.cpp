#include "machine/loopback_request.h"

#include <gmock/gmock.h>

namespace loopgate::loopback_request_test {
namespace {

TEST(LoopbackRequestTest, ChecksAsManyPulsesAsThereAreSelfChecks) {
  Board board;
  PulseSettings pulses;
  pulses.self_checks = 250;
  const LoopbackRequest request = loopback_request(board, pulses);
  EXPECT_THAT(request.check_argv, ::testing::Contains("250"));
}

TEST(LoopbackRequestTest, TheLimitHoldsTheLongestScheduleAndTheLastAnswer) {
  PulseSettings pulses;
  pulses.warm_up = 20;
  pulses.counted = 300;
  pulses.interval_max_ns = 1'400'000;
  pulses.response_timeout_ns = 1'000'000'000;
  EXPECT_EQ(loopback_request(Board(), pulses).timeout_ms, 448 + 1'000 + 30'000);
}

}  // namespace
}  // namespace loopgate::loopback_request_test
