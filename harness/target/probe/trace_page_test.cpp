#include "target/probe/trace_page.h"

#include <gmock/gmock.h>

#include <random>

#include "base/little_endian.h"
#include "explain/export/ring_buffer.h"

namespace loopgate::trace_page_test {
namespace {

constexpr std::uint32_t padding = 29, time_extend = 30, time_stamp = 31;

// A page of these words.
std::string page_of(std::uint64_t begin_ns, const std::vector<std::uint32_t>& words,
                    std::uint64_t marks = 0) {
  std::string page;
  append_little_endian(&page, begin_ns);
  append_little_endian(&page, static_cast<std::uint64_t>(words.size() * 4) | marks);
  for (const std::uint32_t word : words) append_little_endian(&page, word);
  page.resize(ring_page_size);
  return page;
}

constexpr std::uint32_t first_word(std::uint32_t type, std::uint32_t delta) { return type | delta << 5U; }

std::vector<std::int64_t> times_of(const std::string& page) {
  std::vector<std::int64_t> times;
  const auto parsed = parse_page(page);
  if (!parsed) return {-1};
  for (const PageEvent& event : parsed->events) times.push_back(event.at_ns);
  return times;
}

// What explain writes for trace-cmd is read back: short events and long ones, near and far in time.
TEST(TracePage, OfAnotherWritersHandIsReadBack) {
  RingBuffer buffer;
  std::vector<std::pair<std::uint64_t, std::string>> records;
  std::uint64_t at_ns = 5'000'000'123;
  for (const std::size_t size : {8U, 64U, 112U, 116U, 500U, 12U})
    records.emplace_back(at_ns += (std::uint64_t{1} << 27U) * (size % 3) + size, std::string(size, 'x'));
  for (const auto& [when, record] : records) buffer.add(when, record);
  const std::string bytes = buffer.take_pages();
  const auto page = parse_page(bytes);
  ASSERT_TRUE(page);
  EXPECT_EQ(page->begin_ns, 5'000'000'123 + (2 << 27) + 8);
  ASSERT_EQ(page->events.size(), records.size());
  for (std::size_t i = 0; i < records.size(); ++i) {
    EXPECT_EQ(static_cast<std::uint64_t>(page->events[i].at_ns), records[i].first);
    EXPECT_EQ(page->events[i].bytes, records[i].second);
  }
  EXPECT_EQ(page->end_ns(), page->events.back().at_ns);
}

TEST(TracePage, SkipsWhatWasTakenBackAndEndsAtPadding) {
  EXPECT_THAT(times_of(page_of(100, {first_word(1, 0), 7, first_word(padding, 3), 4, first_word(1, 5), 8,
                                     first_word(padding, 0), 9})),
              ::testing::ElementsAre(100, 105));
}

TEST(TracePage, TakesTimesFromExtensionsAndStamps) {
  EXPECT_THAT(times_of(page_of(100, {first_word(time_extend, 2), 1, first_word(1, 0), 7})),
              ::testing::ElementsAre(100 + 2 + (1 << 27)));
  EXPECT_THAT(times_of(page_of(100, {first_word(time_stamp, 6), 3, first_word(1, 1), 7})),
              ::testing::ElementsAre((3LL << 27) + 7));
}

TEST(TracePage, SaysThatSomethingIsMissingBefore) {
  std::string page = page_of(100, {first_word(1, 0), 7});
  EXPECT_FALSE(parse_page(page)->follows_loss);
  mark_loss(&page);
  EXPECT_TRUE(parse_page(page)->follows_loss);
  EXPECT_THAT(times_of(page), ::testing::ElementsAre(100));
}

TEST(TracePage, ThatIsNoneIsRefused) {
  EXPECT_FALSE(parse_page(""));
  EXPECT_FALSE(parse_page(std::string(15, '\0')));
  EXPECT_FALSE(parse_page(page_of(1, {}).substr(0, 100).replace(8, 2, "\xff\x7f")));
  EXPECT_FALSE(parse_page(page_of(1, {first_word(9, 0), 7})));  // longer than what is used
  EXPECT_FALSE(parse_page(page_of(1, {first_word(0, 0), 3})));  // shorter than its own length
  EXPECT_FALSE(parse_page(page_of(1, {first_word(time_extend, 0)})));
}

// Whatever the bytes are, nothing is read beyond them (under the address sanitizer).
TEST(TracePage, OfAnyBytesIsReadWithinThem) {
  std::mt19937 random(1);
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes(trace_page_head + random() % 64, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    const std::uint64_t used = random() % 72;
    std::memcpy(bytes.data() + 8, &used, sizeof(used));
    const auto page = parse_page(bytes);
    if (!page) continue;
    for (const PageEvent& event : page->events) {
      ASSERT_GE(event.bytes.data(), bytes.data());
      ASSERT_LE(event.bytes.data() + event.bytes.size(), bytes.data() + bytes.size());
    }
  }
}

}  // namespace
}  // namespace loopgate::trace_page_test
