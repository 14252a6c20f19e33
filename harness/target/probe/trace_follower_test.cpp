#include "target/probe/trace_follower.h"

#include <gmock/gmock.h>

namespace loopgate::trace_follower_test {
namespace {

using Kind = TraceEvent::Kind;

constexpr std::int32_t irq = 18, thread = 80, payload = 99, helper = 98, other = 7;

TraceEvent handler(std::int64_t at_ns, std::int32_t number = irq) {
  return {Kind::handler_entry, at_ns, other, number, false};
}
TraceEvent waking(std::int64_t at_ns, std::int32_t by, std::int32_t whom) {
  return {Kind::waking, at_ns, by, whom, false};
}
TraceEvent to(std::int64_t at_ns, std::int32_t from, std::int32_t next, bool asleep = false) {
  return {Kind::switched, at_ns, from, next, asleep};
}
TraceEvent pin(std::int64_t at_ns, std::int32_t by = payload) { return {Kind::pin_set, at_ns, by, 0, false}; }

// A stimulus without anything in its way, from 1,000 ns on.
std::vector<TraceEvent> answered(std::int64_t at_ns = 1'000) {
  return {handler(at_ns),
          waking(at_ns + 900, other, thread),
          to(at_ns + 3'000, other, thread),
          waking(at_ns + 3'500, thread, payload),
          to(at_ns + 5'000, thread, payload, true),
          pin(at_ns + 6'000),
          to(at_ns + 8'000, payload, other, true)};
}

class Following : public ::testing::Test {
 protected:
  std::optional<ProbeRecord> follow(const std::vector<TraceEvent>& events) {
    std::optional<ProbeRecord> last;
    for (const TraceEvent& event : events)
      if (auto record = follower_.take(event)) last = record;
    return last;
  }

  TraceFollower follower_{{irq, thread, {payload, helper}}};
};

TEST_F(Following, GivesEachStimulusTheTimesOfItsWay) {
  const auto record = follow(answered());
  ASSERT_TRUE(record);
  EXPECT_TRUE(can_be(*record));
  EXPECT_EQ(record->number, 1U);
  EXPECT_EQ(record->taken_ns, 1'000);
  EXPECT_EQ(record->thread_woken_ns, 1'900);
  EXPECT_EQ(record->thread_wait_ns, 2'100);
  EXPECT_EQ(record->payload_woken_ns, 4'500);
  EXPECT_EQ(record->read_wait_ns, 1'500);
  EXPECT_EQ(record->read_ns, 6'000);
  EXPECT_EQ(record->answer_ns, 7'000);
  EXPECT_EQ(record->set_ns, 9'000);
  EXPECT_EQ(kernel_ns(*record), 6'000);
  EXPECT_FALSE(follower_.pending_since_ns());
  EXPECT_EQ(follow(answered(20'000))->number, 2U);
  EXPECT_EQ(follower_.stimuli(), 2U);
  EXPECT_EQ(follower_.unfinished(), 0U);
}

// Preempted, or waiting for a lock of PREEMPT_RT: it waits again, and does not sleep.
TEST_F(Following, CountsEachWaitWhereItIs) {
  std::vector<TraceEvent> events = answered();
  events.insert(events.begin() + 3, {to(4'100, thread, other), to(4'300, other, thread)});
  events.insert(events.end() - 2, {to(6'100, payload, other), to(6'500, other, payload)});
  events.insert(events.end() - 1, {to(7'100, payload, other), to(7'400, other, payload)});
  const auto record = follow(events);
  ASSERT_TRUE(record);
  EXPECT_TRUE(can_be(*record));
  EXPECT_EQ(record->thread_wait_ns, 2'100 + 200);
  EXPECT_EQ(record->read_wait_ns, 1'500);
  EXPECT_EQ(record->answer_wait_ns, 400);
  EXPECT_EQ(record->set_wait_ns, 300);
}

TEST_F(Following, IsNotLedAstrayByOthers) {
  std::vector<TraceEvent> events = answered();
  events.insert(events.begin() + 1, handler(1'100, irq + 1));
  events.insert(events.begin() + 4, waking(4'200, thread, other));   // somebody else's
  events.insert(events.begin() + 5, waking(4'300, other, payload));  // not by the line
  events.insert(events.end() - 2, pin(6'500, other));
  const auto record = follow(events);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->taken_ns, 1'000);
  EXPECT_EQ(record->payload_woken_ns, 4'500);
  EXPECT_EQ(record->answer_ns, 7'000);
}

TEST_F(Following, LetsAnotherThreadOfThePayloadAnswer) {
  std::vector<TraceEvent> events = answered();
  events[5] = to(5'500, payload, helper, true);
  events[6] = pin(7'000, helper);
  events.push_back(to(9'000, helper, other, true));
  const auto record = follow(events);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->answer_ns, 7'000);
  EXPECT_EQ(record->set_ns, 9'000);
}

TEST_F(Following, OfAPayloadThatNeverSleepsEndsWithTheNextStimulus) {
  std::vector<TraceEvent> events = answered();
  events.back() = handler(9'500);
  events.push_back(waking(9'900, payload, thread));
  const auto record = follow(events);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->number, 1U);
  EXPECT_EQ(record->set_ns, 9'900);
  EXPECT_EQ(follower_.pending_since_ns(), 9'500);
}

// The line's irq thread waits for a lock that another task has.
TEST_F(Following, IsNotBegunByALock) {
  std::vector<TraceEvent> events = answered();
  events.insert(events.begin() + 3,
                {to(4'050, thread, other), waking(4'150, other, thread), to(4'250, other, thread)});
  const auto record = follow(events);
  ASSERT_TRUE(record);
  EXPECT_EQ(record->number, 1U);
  EXPECT_EQ(follower_.unfinished(), 0U);
  events = answered(30'000);
  events.insert(events.end() - 1, waking(38'500, other, thread));  // while the payload sets its pin
  EXPECT_EQ(follow(events)->number, 2U);
  EXPECT_EQ(follower_.unfinished(), 0U);
}

TEST_F(Following, CountsWhatHasNoAnswer) {
  std::vector<TraceEvent> events = answered();
  events.resize(5);
  EXPECT_FALSE(follow(events));
  EXPECT_EQ(follow(answered(30'000))->number, 2U);
  EXPECT_EQ(follower_.unfinished(), 1U);
}

// Of a stimulus with a gap in it nothing is sure, nor of one whose interrupt was in the gap.
TEST_F(Following, EndsAtALoss) {
  std::vector<TraceEvent> events = answered();
  events.insert(events.begin() + 3, TraceEvent{Kind::loss, 4'100, 0, 0, false});
  EXPECT_FALSE(follow(events));
  EXPECT_EQ(follower_.unfinished(), 1U);
  events = answered(30'000);
  events.erase(events.begin());
  EXPECT_FALSE(follow(events));
  EXPECT_EQ(follower_.unfinished(), 2U);
  EXPECT_EQ(follow(answered(60'000))->number, 3U);
}

}  // namespace
}  // namespace loopgate::trace_follower_test
