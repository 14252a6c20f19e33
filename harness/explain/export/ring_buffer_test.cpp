#include "explain/export/ring_buffer.h"

#include <gtest/gtest.h>

#include <cstring>
#include <vector>

namespace loopgate::ring_buffer_test {
namespace {

template <class T>
T number_at(const std::string& bytes, std::size_t place) {
  T number = 0;
  std::memcpy(&number, bytes.data() + place, sizeof number);  // the host is little-endian, too
  return number;
}

TEST(RingBuffer, AShortRecordHasItsLengthInItsFirstWord) {
  RingBuffer buffer;
  buffer.add(1'000, "abcdefgh");
  buffer.add(1'010, "ijk");
  const std::string pages = buffer.take_pages();
  ASSERT_EQ(pages.size(), ring_page_size);
  EXPECT_EQ(number_at<std::uint64_t>(pages, 0), 1'000U);
  EXPECT_EQ(number_at<std::uint64_t>(pages, 8), 4U + 8U + 4U + 4U) << "what is used";
  EXPECT_EQ(number_at<std::uint32_t>(pages, 16), 2U) << "two words, no time after the page's own";
  EXPECT_EQ(pages.substr(20, 8), "abcdefgh");
  EXPECT_EQ(number_at<std::uint32_t>(pages, 28), 10U << 5U | 1U);
  EXPECT_EQ(pages.substr(32, 4), std::string("ijk\0", 4));
}

TEST(RingBuffer, ALongRecordHasItsLengthInTheNext) {
  RingBuffer buffer;
  buffer.add(0, std::string(113, 'x'));
  const std::string pages = buffer.take_pages();
  EXPECT_EQ(number_at<std::uint32_t>(pages, 16), 0U);
  EXPECT_EQ(number_at<std::uint32_t>(pages, 20), 116U + 4U);
  EXPECT_EQ(pages[24], 'x');
}

TEST(RingBuffer, ATimeOfMoreThan27BitsIsExtended) {
  const std::uint64_t longest = (1U << 27U) - 1;
  RingBuffer buffer;
  buffer.add(0, "aaaa");
  buffer.add(longest, "bbbb");
  buffer.add(longest + (std::uint64_t{7} << 27U) + 3, "cccc");
  const std::string pages = buffer.take_pages();
  EXPECT_EQ(number_at<std::uint32_t>(pages, 24), longest << 5U | 1U);
  EXPECT_EQ(number_at<std::uint32_t>(pages, 32), 3U << 5U | 30U);
  EXPECT_EQ(number_at<std::uint32_t>(pages, 36), 7U);
  EXPECT_EQ(number_at<std::uint32_t>(pages, 40), 1U);
  EXPECT_EQ(pages.substr(44, 4), "cccc");
}

TEST(RingBuffer, APageThatIsFullIsFollowedByAnother) {
  RingBuffer buffer;
  const std::size_t in_a_page = (ring_page_size - ring_page_header) / 68;
  for (std::size_t i = 0; i <= in_a_page; ++i) buffer.add(i, std::string(64, 'x'));
  const std::string pages = buffer.take_pages();
  ASSERT_EQ(pages.size(), 2 * ring_page_size);
  EXPECT_EQ(number_at<std::uint64_t>(pages, 8), in_a_page * 68)
      << "4080 is a multiple: full to the last byte";
  EXPECT_EQ(number_at<std::uint64_t>(pages, ring_page_size), in_a_page);
  EXPECT_EQ(number_at<std::uint64_t>(pages, ring_page_size + 8), 68U);
  EXPECT_TRUE(RingBuffer().take_pages().empty());
}

}  // namespace
}  // namespace loopgate::ring_buffer_test
