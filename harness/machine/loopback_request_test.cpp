#include "machine/loopback_request.h"

#include <gmock/gmock.h>

#include "base/process.h"

namespace loopgate::loopback_request_test {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

TEST(LoopbackRequestTest, ChecksAsManyPulsesAsThereAreSelfChecks) {
  Board board;
  PulseSettings pulses;
  pulses.self_checks = 250;
  const LoopbackRequest request = loopback_request(board, pulses);
  EXPECT_THAT(request.check_argv, Contains("250"));
}

TEST(LoopbackRequestTest, TheBenchsEdgesAreSentBeforeEachCell) {
  Board board;
  EXPECT_THAT(quoted(loopback_request(board, PulseSettings()).check_argv), Not(HasSubstr("--edges")));
  EXPECT_EQ(loopback_check_timeout_ms(0), 20'000);
  board.check_edges = 20'000;
  EXPECT_THAT(quoted(loopback_request(board, PulseSettings()).check_argv), HasSubstr("--edges 20000"));
  EXPECT_EQ(loopback_check_timeout_ms(20'000), 255'000) << "30 lost ones take a second each";
}

TEST(LoopbackRequestTest, AFallingStimulusIsAskedOfBoth) {
  PulseSettings pulses;
  EXPECT_THAT(quoted(loopback_request(Board(), pulses).argv), Not(HasSubstr("--edge")));
  pulses.falls = true;
  EXPECT_THAT(quoted(loopback_request(Board(), pulses).check_argv), HasSubstr("--edge falling"));
  EXPECT_THAT(quoted(loopback_request(Board(), pulses).argv), HasSubstr("--edge falling"));
}

TEST(LoopbackRequestTest, TheLimitHoldsTheLongestScheduleAndTheLastAnswer) {
  PulseSettings pulses;
  pulses.warm_up = 20;
  pulses.counted = 300;
  pulses.interval_max_ns = 1'400'000;
  pulses.response_timeout_ns = 1'000'000'000;
  EXPECT_EQ(loopback_request(Board(), pulses).timeout_ms, 448 + 1'000 + 30'000);
}

PulseSettings of_scenes() {
  PulseSettings pulses;
  pulses.decisions = true;
  pulses.frames = 3;
  pulses.frame_interval_ns = 33'000'000;
  pulses.warm_up = 5;
  pulses.counted = 150;
  return pulses;
}

TEST(LoopbackRequestTest, OfDecisionsNamesTheVerdictsWireAndTheRecords) {
  Board board;
  board.lines.verdict = 21;
  board.lines.verdict_in = 22;
  const LoopbackRequest request = loopback_request(board, of_scenes());
  EXPECT_THAT(quoted(request.check_argv), HasSubstr("--verdict 21 --verdict-in 22"));
  EXPECT_THAT(quoted(request.argv),
              HasSubstr("--verdict-in 22 --records /run/loopgate/frames.lgf --frames 3 --frame-interval-us "
                        "33000"));
  EXPECT_THAT(quoted(loopback_request(board, PulseSettings()).check_argv), Not(HasSubstr("verdict")));
  EXPECT_THAT(request.argv, Not(Contains(StartsWith("--truth"))));
  PulseSettings of_pictures = of_scenes();
  of_pictures.truth = "-+?";
  EXPECT_THAT(loopback_request(board, of_pictures).argv, Contains("--truth=-+?"));
}

TEST(LoopbackRequestTest, TheRecordsHaveRoomForEachFrame) {
  EXPECT_EQ(records_size_on_board(of_scenes()), 64U + 155U * 3 * 64);
  PulseSettings many = of_scenes();
  many.counted = 100'000'000;
  EXPECT_EQ(records_size_on_board(many), 64U + 64'000'000U);
}

TEST(LoopbackRequestTest, BackToBackTheLimitHoldsATimeoutForEach) {
  PulseSettings pulses;
  pulses.warm_up = 5;
  pulses.counted = 95;
  pulses.interval_max_ns = 1'000'000;
  pulses.response_timeout_ns = 9'000'000;
  pulses.back_to_back = true;
  EXPECT_EQ(loopback_request(Board(), pulses).timeout_ms, 100 * 10 + 9 + 30'000);
  EXPECT_THAT(loopback_request(Board(), pulses).argv, ::testing::Contains("--back-to-back"));
}

}  // namespace
}  // namespace loopgate::loopback_request_test
