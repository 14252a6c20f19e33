#include "schedule/pin_monitor.h"

#include <gmock/gmock.h>

namespace loopgate::pin_monitor_test {
namespace {

PulseSettings settings() {
  PulseSettings pulses;
  pulses.self_checks = 1;
  pulses.warm_up = 1;
  pulses.counted = 2;
  pulses.deadline_ns = 100;
  return pulses;
}

TEST(PinObserverTest, WhatItSeesBecomesSamples) {
  PinMonitor observer(settings());
  EXPECT_TRUE(observer.self_checking());
  EXPECT_TRUE(observer.stimulus(1'000));
  EXPECT_TRUE(observer.self_checking());
  EXPECT_TRUE(observer.response(1'017));
  EXPECT_FALSE(observer.self_checking());
  EXPECT_TRUE(observer.stimulus(2'000));
  EXPECT_TRUE(observer.response(2'050));
  EXPECT_TRUE(observer.stimulus(3'000));
  std::vector<Sample> samples;
  observer.take_finished(&samples);
  EXPECT_TRUE(samples.empty()) << "one is pending";
  EXPECT_TRUE(observer.response(3'200));
  EXPECT_FALSE(observer.response(3'300)) << "nobody asked";
  EXPECT_FALSE(observer.complete());
  EXPECT_TRUE(observer.stimulus(4'000));
  observer.end();
  EXPECT_TRUE(observer.complete());
  observer.take_finished(&samples);
  ASSERT_EQ(samples.size(), 4U);
  EXPECT_EQ(samples[0], (Sample{1'000, 1'000, 1'017, sample_sent | sample_answered | sample_self_check, 0}));
  EXPECT_EQ(samples[1], (Sample{2'000, 2'000, 2'050, sample_sent | sample_answered | sample_warm_up, 1}));
  EXPECT_EQ(samples[2], (Sample{3'000, 3'000, 3'200, sample_sent | sample_answered | sample_late, 2}));
  EXPECT_EQ(samples[3], (Sample{4'000, 4'000, -1, sample_sent | sample_unanswered, 3}));
  EXPECT_EQ(observer.counts().spurious, 1U);
  EXPECT_EQ(observer.counts().late, 1U);
  EXPECT_EQ(observer.counts().unanswered, 1U);
  EXPECT_FALSE(observer.stimulus(5'000)) << "more than planned";
}

TEST(PinObserverTest, ANewStimulusEndsTheOneBefore) {
  PinMonitor observer(settings());
  observer.stimulus(1'000);
  observer.stimulus(2'000);
  observer.response(2'010);
  std::vector<Sample> samples;
  observer.take_finished(&samples);
  ASSERT_EQ(samples.size(), 2U);
  EXPECT_TRUE(samples[0].unanswered());
  EXPECT_EQ(samples[1].latency_ns(), 10);
}

}  // namespace
}  // namespace loopgate::pin_monitor_test
