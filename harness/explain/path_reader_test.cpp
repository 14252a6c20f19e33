// Paths in a trace file: explain/trace_reader.h, next_path().
#include <gmock/gmock.h>

#include "explain/testing/made_up_path.h"
#include "explain/trace_reader.h"

namespace loopgate::path_reader_test {
namespace {

using namespace loopgate::testing;  // NOLINT(google-build-using-namespace)
using ::testing::HasSubstr;

const TraceTask program = task(1, 10, "pi-mutex");
const TraceTask idle = task(2, 0, "swapper/0");

// 30 ns from 1,000 on, 4 of them idle, in two parts.
TracePath window() { return {1'030, 4, 0, 0, 0, 0, 0, 2, 1, program}; }

// A window of 30 ns: 26 instructions of two tasks, and 4 ns idle.
std::string good() {
  std::string bytes = empty_trace();
  add_record(&bytes, TraceKind::path, 1'000, as_words(window()));
  add_part(&bytes, program, false, {{0, 9}, {kernel, 11}});
  add_part(&bytes, idle, true, {{kernel + 0x1000, 6}});
  return bytes;
}

std::string refusal(const std::string& bytes) {
  auto reader = TraceReader::open(bytes);
  if (!reader) return reader.error().what;
  for (PathWindow path;;) {
    auto more = reader->next_path(&path);
    if (!more) return more.error().what;
    if (!*more) return "";
  }
}

// good() with another window and one more part.
std::string changed(TracePath path, const Counts& counts = {}) {
  std::string bytes = empty_trace();
  add_record(&bytes, TraceKind::path, 1'000, as_words(path));
  add_part(&bytes, program, false, {{0, 9}, {kernel, 11}});
  add_part(&bytes, idle, true, {{kernel + 0x1000, 6}});
  if (!counts.empty()) add_part(&bytes, program, true, counts);
  return bytes;
}

TEST(PathReader, GivesWindowAfterWindow) {
  std::string bytes = good();
  bytes += good().substr(empty_trace().size());
  auto reader = TraceReader::open(bytes);
  ASSERT_TRUE(reader);
  for (int i = 0; i < 2; ++i) {
    PathWindow path;
    ASSERT_TRUE(*reader->next_path(&path));
    EXPECT_EQ(path.begin_ns, 1'000);
    EXPECT_EQ(path.end_ns, 1'030);
    EXPECT_EQ(path.idle_ns, 4);
    EXPECT_TRUE(path.finished);
    EXPECT_STREQ(path.task.name, "pi-mutex");
    ASSERT_EQ(path.parts.size(), 2U);
    EXPECT_FALSE(path.parts[0].interrupt);
    EXPECT_EQ(path.parts[0].counts[1].address, kernel);
    EXPECT_EQ(path.parts[0].counts[1].instructions, 11U);
    EXPECT_TRUE(path.parts[1].interrupt);
    EXPECT_STREQ(path.parts[1].task.name, "swapper/0");
  }
  PathWindow none;
  EXPECT_FALSE(*reader->next_path(&none));
}

TEST(PathReader, RefusesWhatIsCutOffAtAnyByte) {
  const std::string bytes = good();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    if (size == empty_trace().size()) continue;  // whole, and no program had marks
    EXPECT_NE(refusal(bytes.substr(0, size)), "") << size;
  }
}

TEST(PathReader, RefusesWhatDoesNotAddUp) {
  EXPECT_EQ(refusal(good()), "");
  TracePath path = window();
  path.end_ns = 1'031;
  EXPECT_THAT(refusal(changed(path)), HasSubstr("fewer instructions than its time"));
  path.end_ns = 1'029;
  EXPECT_THAT(refusal(changed(path)), HasSubstr("more instructions than its time"));
  path.end_ns = 999;
  EXPECT_THAT(refusal(changed(path)), HasSubstr("ends before it begins"));
  path = window();
  path.idle_ns = 31;
  EXPECT_THAT(refusal(changed(path)), HasSubstr("waited for longer"));
  path.idle_ns = -4;
  EXPECT_THAT(refusal(changed(path)), HasSubstr("a time below 0"));
  path = window();
  path.parts = 3;
  EXPECT_THAT(refusal(changed(path, {{kernel, ~std::uint64_t{0}}})), HasSubstr("more instructions"))
      << "a sum must not wrap round";
}

TEST(PathReader, WhatIsOutsideOfTimedPartsAddsUp) {
  TracePath path = window();
  path.end_ns = 1'050;
  path.outside_instructions = 15;
  path.outside_idle_ns = 5;
  path.timed_parts = 3;
  const std::string bytes = changed(path);
  auto reader = TraceReader::open(bytes);
  PathWindow read;
  ASSERT_TRUE(*reader->next_path(&read));
  EXPECT_EQ(read.outside_instructions, 15U);
  EXPECT_EQ(read.outside_idle_ns, 5);
  EXPECT_EQ(read.timed_parts, 3U);
  path.outside_instructions = 14;
  EXPECT_THAT(refusal(changed(path)), HasSubstr("fewer instructions than its time"));
  path.outside_instructions = ~std::uint64_t{0};
  EXPECT_THAT(refusal(changed(path)), HasSubstr("more instructions than its time"));
  path.outside_instructions = 0;
  path.outside_idle_ns = -5;
  EXPECT_THAT(refusal(changed(path)), HasSubstr("a time below 0"));
}

TEST(PathReader, RefusesWhatIsInterleaved) {
  std::string bytes = empty_trace();
  add_record(&bytes, TraceKind::path, 1'000, as_words(window()));
  add_part(&bytes, program, false, {{0, 9}, {kernel, 11}});
  add_record(&bytes, TraceKind::path, 2'000, as_words(window()));
  EXPECT_THAT(refusal(bytes), HasSubstr("lacks a part"));
  bytes = empty_trace();
  add_part(&bytes, program, false, {{0, 9}});
  EXPECT_THAT(refusal(bytes), HasSubstr("outside of any path"));
  bytes = good();
  add_record(&bytes, TraceKind::begin, 2'000, {7});
  EXPECT_THAT(refusal(bytes), HasSubstr("outside of any path")) << "a sample among paths";
  bytes = empty_trace();
  add_record(&bytes, TraceKind::path, 1'000, as_words(window()));
  std::vector<std::uint64_t> odd = as_words(TracePathPart{program, 0});
  odd.push_back(kernel);
  add_record(&bytes, TraceKind::path_part, 0, odd);
  EXPECT_THAT(refusal(bytes), HasSubstr("an address has no count"));
}

TEST(PathReader, SamplesAndPathsAreNotMixed) {
  std::string bytes = empty_trace();
  add_record(&bytes, TraceKind::begin, 100, {7});
  add_record(&bytes, TraceKind::path, 1'000, as_words(window()));
  auto reader = TraceReader::open(bytes);
  TracedSample sample;
  EXPECT_THAT(reader->next(&sample).error().what, HasSubstr("outside of any sample"));
}

}  // namespace
}  // namespace loopgate::path_reader_test
