#include "target/probe/relay.h"

#include <gmock/gmock.h>

namespace loopgate::relay_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::int64_t ms = 1'000'000;

// The stimulus at `stimulus` ms, as a copy saw it that counted it as `number`: each some hundred ns apart.
ProbeRecord record(std::uint64_t number, std::int64_t stimulus, std::int64_t late_ns = 0) {
  const std::int64_t at_ns = stimulus * ms + late_ns;
  return {number,        at_ns, at_ns + 900,   3'000, at_ns + 4'600, 2'000,
          at_ns + 7'500, 0,     at_ns + 7'900, 0,     at_ns + 9'000};
}

void see(Collector* collector, const ProbeRecord& seen) { collector->take(&seen, sizeof(seen)); }

void wait_long(Collector* collector, const ProbeRecord& seen, std::int64_t waited_ns) {
  ProbeEvent event{};
  event.record = seen;
  event.holder.waited_ns = waited_ns;
  event.holder.slices = 1;
  collector->take(&event, sizeof(event));
}

// Which copy's record of each stimulus is there: by how late it saw it.
std::vector<std::pair<std::uint64_t, std::int64_t>> seen(Relay* relay) {
  std::vector<std::pair<std::uint64_t, std::int64_t>> all;
  for (const ProbeRecord& each : relay->take_records()) all.emplace_back(each.number, each.taken_ns % ms);
  return all;
}

// The first copy sees stimuli 1 to 5, the second one 4 to 7 as its 2 to 5, and part of 3.
class Relaying : public ::testing::Test {
 protected:
  Relaying() {
    for (const std::uint64_t number : {1U, 2U, 3U})
      see(&relay_.current(), record(number, 10 + static_cast<std::int64_t>(number)));
    relay_.begin(13 * ms + 500'000);
    for (const std::uint64_t number : {4U, 5U})
      see(&relay_.current(), record(number, 10 + static_cast<std::int64_t>(number)));
  }
  void second_sees(std::uint64_t from) {
    for (std::uint64_t stimulus = 4; stimulus <= 7; ++stimulus)
      see(&relay_.next(), record(from + stimulus - 4, static_cast<std::int64_t>(10 + stimulus), 200));
  }

  Relay relay_{100};
};

TEST_F(Relaying, GivesEachStimulusOnceFromOneCopy) {
  second_sees(2);
  ASSERT_TRUE(relay_.has_met());
  const auto handover = relay_.hand_over();
  ASSERT_TRUE(handover);
  EXPECT_EQ(handover->number, 4U);
  EXPECT_EQ(handover->twice, 2U);
  EXPECT_EQ(relay_.offset(), 2U);
  see(&relay_.current(), record(6, 18, 200));
  using Seen = std::pair<std::uint64_t, std::int64_t>;
  EXPECT_THAT(seen(&relay_), ElementsAre(Seen(1, 0), Seen(2, 0), Seen(3, 0), Seen(4, 200), Seen(5, 200),
                                         Seen(6, 200), Seen(7, 200), Seen(8, 200)));
  EXPECT_EQ(relay_.events(), 10U);
  EXPECT_EQ(relay_.damaged(), 0U);
}

// Only a stimulus that began when all of the second copy's functions were there is one that both saw.
TEST_F(Relaying, WaitsForAStimulusThatBothSawWhole) {
  EXPECT_FALSE(relay_.has_met());
  see(&relay_.next(), record(1, 13, 200));
  EXPECT_FALSE(relay_.has_met());
  see(&relay_.next(), record(4, 16, 200));  // which the first one has not sent yet
  EXPECT_FALSE(relay_.has_met());
  see(&relay_.current(), record(6, 16));
  EXPECT_TRUE(relay_.has_met());
}

TEST_F(Relaying, IsNoneWithoutACommonStimulus) { EXPECT_FALSE(relay_.hand_over()); }

TEST_F(Relaying, NoticesThatTheCopiesCountDifferently) {
  see(&relay_.next(), record(2, 14, 200));
  see(&relay_.next(), record(4, 15, 200));
  EXPECT_FALSE(relay_.hand_over());
}

// What neither saw is missing, and no number hides it.
TEST_F(Relaying, LeavesTheGapOfALostEvent) {
  see(&relay_.next(), record(2, 14, 200));
  see(&relay_.next(), record(5, 17, 200));
  ASSERT_TRUE(relay_.hand_over());
  std::vector<std::uint64_t> numbers;
  for (const ProbeRecord& each : relay_.take_records()) numbers.push_back(each.number);
  EXPECT_THAT(numbers, ElementsAre(1, 2, 3, 4, 7));
}

TEST_F(Relaying, GoesOnToAThirdCopy) {
  second_sees(2);
  ASSERT_TRUE(relay_.hand_over());
  relay_.begin(17 * ms + 500'000);
  see(&relay_.current(), record(6, 18, 200));
  see(&relay_.next(), record(1, 18, 400));
  see(&relay_.next(), record(2, 19, 400));
  const auto handover = relay_.hand_over();
  ASSERT_TRUE(handover);
  EXPECT_EQ(handover->number, 8U);
  EXPECT_EQ(relay_.offset(), 7U);
  std::vector<std::uint64_t> numbers;
  for (const ProbeRecord& each : relay_.take_records()) numbers.push_back(each.number);
  EXPECT_THAT(numbers, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8, 9));
}

TEST_F(Relaying, KeepsTheLongestWaitsOfAllCopiesOnce) {
  wait_long(&relay_.current(), record(6, 16), 500);
  second_sees(2);
  wait_long(&relay_.next(), record(4, 16, 200), 510);
  ASSERT_TRUE(relay_.hand_over());
  wait_long(&relay_.current(), record(9, 30), 400);
  const auto waits = relay_.long_waits();
  ASSERT_EQ(waits.size(), 2U);
  EXPECT_EQ(waits[0].number, 6U);
  EXPECT_EQ(waits[0].holder.waited_ns, 510);
  EXPECT_EQ(waits[1].number, 11U);
}

}  // namespace
}  // namespace loopgate::relay_test
