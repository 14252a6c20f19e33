#include "target/probe/collector.h"

#include <gmock/gmock.h>

#include <cstring>
#include <string>

namespace loopgate {
namespace {

using ::testing::ElementsAre;

ProbeRecord record(std::uint64_t number) {
  const auto at_ns = static_cast<std::int64_t>(number) * 1'000'000;
  return {number,        at_ns, at_ns + 900,   3'000, at_ns + 4'600, 2'000,
          at_ns + 7'500, 0,     at_ns + 7'900, 0,     at_ns + 9'000};
}

ProbeEvent slow_event(std::uint64_t number, std::int64_t waited_ns) {
  ProbeEvent event{};
  event.record = record(number);
  event.holder.waited_ns = waited_ns;
  event.holder.slices = 1;
  return event;
}

template <class T>
void take(Collector* collector, const T& event) {
  collector->take(&event, sizeof(event));
}

std::vector<std::uint64_t> numbers(const std::vector<ProbeRecord>& records) {
  std::vector<std::uint64_t> all;
  for (const ProbeRecord& each : records) all.push_back(each.number);
  return all;
}

TEST(Collector, PutsWhatComesOutOfOrderInOrder) {
  Collector collector(10);
  for (const std::uint64_t number : {2U, 1U, 4U, 3U}) take(&collector, record(number));
  EXPECT_EQ(collector.events(), 4U);
  EXPECT_THAT(numbers(collector.take_records()), ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(collector.damaged(), 0U);
}

// The perf buffer's events are of multiples of 8 bytes with a size of 4 before them.
TEST(Collector, TakesThePaddingOfAPerfBuffer) {
  Collector collector(10);
  std::string bytes(sizeof(ProbeRecord) + 4, '\0');
  const ProbeRecord one = record(1);
  std::memcpy(bytes.data(), &one, sizeof(one));
  collector.take(bytes.data(), bytes.size());
  EXPECT_EQ(collector.damaged(), 0U);
  EXPECT_THAT(numbers(collector.take_records()), ElementsAre(1));
}

TEST(Collector, CountsEventsOfEveryOtherSizeAsDamaged) {
  const ProbeEvent event = slow_event(1, 100);
  for (std::size_t size = 0; size <= sizeof(event) + 16; ++size) {
    const bool known = (size >= sizeof(ProbeRecord) && size < sizeof(ProbeRecord) + 8) ||
                       (size >= sizeof(ProbeEvent) && size < sizeof(ProbeEvent) + 8);
    std::string bytes(sizeof(event) + 16, '\0');
    std::memcpy(bytes.data(), &event, sizeof(event));
    Collector collector(10);
    collector.take(bytes.data(), size);
    EXPECT_EQ(collector.damaged(), known ? 0U : 1U) << size << " bytes";
  }
}

TEST(Collector, CountsATornEventAsDamaged) {
  const auto damaged = [](const std::function<void(ProbeRecord*)>& change) {
    ProbeRecord changed = record(1);
    change(&changed);
    Collector collector(10);
    take(&collector, changed);
    return collector.damaged() == 1 && collector.take_records().empty();
  };
  EXPECT_TRUE(damaged([](ProbeRecord* each) { each->number = 0; }));
  EXPECT_TRUE(damaged([](ProbeRecord* each) { each->taken_ns = each->thread_woken_ns + 1; }));
  EXPECT_TRUE(damaged([](ProbeRecord* each) { each->thread_wait_ns = 3'701; }));
  EXPECT_TRUE(damaged([](ProbeRecord* each) { each->thread_wait_ns = -1; }));
  EXPECT_TRUE(damaged([](ProbeRecord* each) { each->read_ns = each->payload_woken_ns - 1; }));
  EXPECT_TRUE(damaged([](ProbeRecord* each) { each->answer_wait_ns = 401; }));
  EXPECT_TRUE(damaged([](ProbeRecord* each) { each->set_ns = each->answer_ns - 1; }));
  EXPECT_FALSE(damaged([](ProbeRecord*) {}));
}

TEST(Collector, TakesAStimulusOnce) {
  Collector collector(10);
  for (const std::uint64_t number : {1U, 2U, 2U}) take(&collector, record(number));
  EXPECT_THAT(numbers(collector.take_records()), ElementsAre(1, 2));
  EXPECT_EQ(collector.damaged(), 1U);
}

TEST(Collector, CountsWhatItHasNoRoomFor) {
  Collector collector(2);
  for (const std::uint64_t number : {1U, 2U, 3U}) take(&collector, record(number));
  EXPECT_EQ(collector.beyond(), 1U);
  EXPECT_THAT(numbers(collector.take_records()), ElementsAre(1, 2));
}

TEST(Collector, KeepsTheLongestWaits) {
  Collector collector(100);
  EXPECT_EQ(collector.slow_ns(), 0);
  for (std::uint64_t number = 1; number <= 20; ++number)
    take(&collector, slow_event(number, static_cast<std::int64_t>(100 * (number * 7 % 20 + 1))));
  ASSERT_EQ(collector.long_waits().size(), long_waits_kept);
  EXPECT_EQ(collector.long_waits().front().holder.waited_ns, 2'000);
  EXPECT_EQ(collector.long_waits().back().holder.waited_ns, 1'300);
  EXPECT_EQ(collector.slow_ns(), 1'300);
  EXPECT_EQ(collector.take_records().size(), 20U);
}

TEST(Collector, TakesNoHolderThatWaitedForNothing) {
  Collector collector(10);
  take(&collector, slow_event(1, 0));
  EXPECT_EQ(collector.damaged(), 1U);
  EXPECT_THAT(collector.long_waits(), ::testing::IsEmpty());
}

}  // namespace
}  // namespace loopgate
