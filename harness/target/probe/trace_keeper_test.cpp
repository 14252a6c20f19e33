#include "target/probe/trace_keeper.h"

#include <gmock/gmock.h>

#include "explain/export/ring_buffer.h"

namespace loopgate::trace_keeper_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::int64_t ms = 1'000'000;

// A page of two events.
void add(TraceKeeper* keeper, std::size_t cpu, std::int64_t begin_ns, std::int64_t end_ns) {
  RingBuffer buffer;
  buffer.add(static_cast<std::uint64_t>(begin_ns), "from");
  buffer.add(static_cast<std::uint64_t>(end_ns), "to__");
  std::string bytes = buffer.take_pages();
  const auto page = parse_page(bytes);
  keeper->add(cpu, *page, bytes);
}

ProbeRecord record(std::uint64_t number, std::int64_t taken_ns, std::int64_t took_ns) {
  ProbeRecord made{};
  made.number = number;
  made.taken_ns = taken_ns;
  made.answer_ns = taken_ns + took_ns;
  made.set_ns = made.answer_ns + 1'000;
  return made;
}

std::vector<std::int64_t> begins(const std::string& pages) {
  std::vector<std::int64_t> all;
  for (std::size_t at = 0; at < pages.size(); at += ring_page_size)
    all.push_back(parse_page(std::string_view(pages).substr(at, ring_page_size))->begin_ns);
  return all;
}

TEST(TraceKeeper, KeepsThePagesOfAStimulusOfEachCpu) {
  TraceKeeper keeper(64);
  add(&keeper, 0, 10 * ms, 20 * ms);
  add(&keeper, 0, 20 * ms + 1, 30 * ms);
  add(&keeper, 1, 5 * ms, 29 * ms);
  add(&keeper, 0, 30 * ms + 1, 40 * ms);
  keeper.offer(record(1, 25 * ms, ms));
  const auto pages = keeper.pages();
  ASSERT_EQ(pages.size(), 2U);
  EXPECT_THAT(begins(pages[0]), ElementsAre(20 * ms + 1));
  EXPECT_THAT(begins(pages[1]), ElementsAre(5 * ms));
  EXPECT_FALSE(keeper.kept()[0].cut);
}

// What went on before the interrupt was taken is what held it up.
TEST(TraceKeeper, KeepsWhatWasShortlyBefore) {
  TraceKeeper keeper(64);
  add(&keeper, 0, 10 * ms, 20 * ms);
  add(&keeper, 0, 20 * ms + 1, 30 * ms);
  keeper.offer(record(1, 20 * ms + trace_context_ns, ms));
  EXPECT_THAT(begins(keeper.pages()[0]), ElementsAre(10 * ms, 20 * ms + 1));
}

TEST(TraceKeeper, KeepsTheLongestLongestFirst) {
  TraceKeeper keeper(64);
  for (std::int64_t i = 0; i < 20; ++i) {
    add(&keeper, 0, (10 * i + 1) * ms, (10 * i + 9) * ms);
    keeper.offer(record(static_cast<std::uint64_t>(i), (10 * i + 5) * ms, 100 * (i * 7 % 20 + 1)));
    keeper.forget_before((10 * i + 8) * ms);
  }
  ASSERT_EQ(keeper.kept().size(), probe_traced_most);
  EXPECT_EQ(kernel_ns(keeper.kept().front().record), 2'000);
  EXPECT_EQ(kernel_ns(keeper.kept().back().record), 1'300);
  for (const KeptStimulus& kept : keeper.kept()) {
    ASSERT_EQ(kept.pages.size(), 1U);
    EXPECT_LT(kept.pages[0]->begin_ns, kept.record.taken_ns);
  }
}

TEST(TraceKeeper, MarksWhatIsLeftOutBetweenPages) {
  TraceKeeper keeper(64);
  for (std::int64_t i = 0; i < 4; ++i) add(&keeper, 0, (10 * i + 1) * ms, (10 * i + 9) * ms);
  keeper.offer(record(1, 5 * ms, ms));
  keeper.offer(record(2, 25 * ms, ms));
  keeper.offer(record(3, 35 * ms, ms));
  const std::string pages = keeper.pages()[0];
  EXPECT_THAT(begins(pages), ElementsAre(1 * ms, 21 * ms, 31 * ms));
  std::vector<bool> marked;
  for (std::size_t at = 0; at < pages.size(); at += ring_page_size)
    marked.push_back(parse_page(std::string_view(pages).substr(at, ring_page_size))->follows_loss);
  EXPECT_THAT(marked, ElementsAre(false, true, false));
}

TEST(TraceKeeper, CutsALongOneInItsMiddleAndSaysSo) {
  TraceKeeper keeper(4);
  for (std::int64_t i = 0; i < 10; ++i) add(&keeper, 0, (10 * i + 1) * ms, (10 * i + 9) * ms);
  keeper.offer(record(1, 5 * ms, 90 * ms));
  EXPECT_THAT(begins(keeper.pages()[0]), ElementsAre(1 * ms, 11 * ms, 81 * ms, 91 * ms));
  EXPECT_TRUE(keeper.kept()[0].cut);
}

TEST(TraceKeeper, HasRoomForSoManyRecentPages) {
  TraceKeeper keeper(64);
  for (std::size_t i = 0; i < recent_pages_most + 10; ++i)
    add(&keeper, 0, static_cast<std::int64_t>(10 * i + 1) * ms, static_cast<std::int64_t>(10 * i + 9) * ms);
  keeper.offer(record(1, 5 * ms, 50 * ms));
  EXPECT_TRUE(keeper.kept()[0].cut);
  EXPECT_THAT(keeper.kept()[0].pages, IsEmpty());
}

}  // namespace
}  // namespace loopgate::trace_keeper_test
