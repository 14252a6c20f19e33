#include "explain/trace_reader.h"

#include <gmock/gmock.h>

#include <cstring>
#include <limits>

namespace loopgate::trace_reader_test {
namespace {

using ::testing::HasSubstr;

void add(std::string* bytes, TraceKind kind, std::int64_t at_ns, std::uint32_t value,
         std::initializer_list<std::uint64_t> words = {}) {
  const TraceRecord record{at_ns, static_cast<std::uint16_t>(kind), 3, value};
  bytes->append(reinterpret_cast<const char*>(&record), sizeof(record));
  for (const std::uint64_t word : words) bytes->append(reinterpret_cast<const char*>(&word), sizeof(word));
}

std::string good() {
  std::string bytes;
  add(&bytes, TraceKind::header, static_cast<std::int64_t>(trace_magic), 0);
  add(&bytes, TraceKind::begin, 100, 1, {7});
  add(&bytes, TraceKind::block, 0, 4, {2, 0x1000, 5 | std::uint64_t{0xd65f03c0} << 32U, 20});
  add(&bytes, TraceKind::preempt_jump, 0, 1, {0xe9});
  add(&bytes, TraceKind::run, 100, 2);
  add(&bytes, TraceKind::end, 105, 1, {7});
  return bytes;
}

std::string refusal(const std::string& bytes) {
  auto reader = TraceReader::open(bytes);
  if (!reader) return reader.error().what;
  TracedSample sample;
  for (;;) {
    auto more = reader->next(&sample);
    if (!more) return more.error().what;
    if (!*more) return "";
  }
}

TEST(TraceReader, GivesSampleAfterSample) {
  const std::string bytes = good();
  auto reader = TraceReader::open(bytes);
  ASSERT_TRUE(reader);
  TracedSample sample;
  ASSERT_TRUE(*reader->next(&sample));
  EXPECT_EQ(sample.sample, 7U);
  EXPECT_EQ(sample.stimulus_ns, 100);
  EXPECT_EQ(sample.response_ns, 105);
  EXPECT_EQ(sample.response_cpu, 3);
  ASSERT_EQ(sample.events.size(), 1U);
  EXPECT_EQ(sample.events[0].cpu, 3);
  EXPECT_EQ(reader->blocks()[sample.events[0].block].address, 0x1000U);
  EXPECT_EQ(reader->blocks()[2].last_opcode, 0xd65f03c0U);
  EXPECT_EQ(reader->blocks()[2].size, 20U);
  EXPECT_EQ(sample.preempt_jump, 0xe9U);
  EXPECT_FALSE(*reader->next(&sample));
}

TEST(TraceReader, RefusesWhatIsCutOffAtAnyByte) {
  const std::string bytes = good();
  const std::size_t header = sizeof(TraceRecord);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    if (size == header) continue;  // whole, and nothing was traced
    EXPECT_NE(refusal(bytes.substr(0, size)), "") << size;
  }
}

TEST(TraceReader, RefusesWhatNoPluginWrites) {
  std::string bytes = good();
  bytes[0] ^= 1;
  EXPECT_THAT(refusal(bytes), HasSubstr("does not begin as it should"));
  bytes = good();
  add(&bytes, TraceKind::run, 1, 2);
  EXPECT_THAT(refusal(bytes), HasSubstr("outside of any sample"));
  bytes = good();
  add(&bytes, static_cast<TraceKind>(99), 1, 0);
  EXPECT_THAT(refusal(bytes), HasSubstr("no known kind"));
  bytes = good();
  add(&bytes, TraceKind::begin, 1, 1, {8});
  add(&bytes, TraceKind::run, 1, 77);
  EXPECT_THAT(refusal(bytes), HasSubstr("never described"));
  bytes = good();
  add(&bytes, TraceKind::begin, 1, 1, {8});
  add(&bytes, TraceKind::begin, 1, 1, {9});
  EXPECT_THAT(refusal(bytes), HasSubstr("within another"));
  bytes = good();
  add(&bytes, TraceKind::begin, 1, 1, {8});
  add(&bytes, TraceKind::woken, 1, 1, {9});
  EXPECT_THAT(refusal(bytes), HasSubstr("too short"));
  for (const std::int64_t at_ns : {std::numeric_limits<std::int64_t>::min(), std::int64_t{-1},
                                   std::numeric_limits<std::int64_t>::max()}) {
    bytes = good();
    add(&bytes, TraceKind::begin, at_ns, 1, {8});
    EXPECT_THAT(refusal(bytes), HasSubstr("a time that no run comes to"));
  }
}

TEST(TraceReader, SaysWhetherACallChainHasCallers) {
  TracedSample sample;
  EXPECT_FALSE(has_callers(sample));
  sample.events.push_back({TraceKind::stack, 0, 0, 0, {0x1000, 0}});
  sample.events.push_back({TraceKind::returns, 0, 0, 0, {1, 2}});
  EXPECT_FALSE(has_callers(sample));
  sample.events.push_back({TraceKind::stack, 0, 0, 0, {0x1000, 0, 0x2000}});
  EXPECT_TRUE(has_callers(sample));
}

}  // namespace
}  // namespace loopgate::trace_reader_test
