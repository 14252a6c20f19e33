#include "qemu/plugin/section_writer.h"

#include <gmock/gmock.h>

#include "analysis/section_reader.h"
#include "base/file.h"
#include "base/testing/temp_folder.h"

namespace loopgate::section_writer_test {
namespace {

ClosedSection section(std::int64_t begin_ns, std::int64_t length_ns, std::uint64_t address) {
  return {SectionKind::interrupts_off, begin_ns, begin_ns + length_ns, {address, 1}, {address + 4, 2}, 0};
}

SectionFileEnd ended(std::int64_t end_ns) {
  SectionFileEnd end{};
  end.begin_ns = 500;
  end.end_ns = end_ns;
  return end;
}

class SectionWriterTest : public ::testing::Test {
 protected:
  SectionWriter writer(std::uint64_t at_most) { return std::move(*SectionWriter::create(path_, at_most)); }
  Result<RecordedSections> read() { return read_sections(bytes_ = *read_file(path_)); }

  TempFolder folder_;
  std::filesystem::path path_ = folder_.path() / "sections.lgw";
  std::string bytes_;
};

TEST_F(SectionWriterTest, WhatItWritesIsRead) {
  SectionWriter file = writer(100);
  EXPECT_EQ(file.task(7, 120, "stress-ng-vm"), 0U);
  EXPECT_EQ(file.task(8, 120, "stress-ng-vm"), 1U);
  EXPECT_EQ(file.task(7, 120, "stress-ng-vm"), 0U);
  EXPECT_EQ(file.task(7, 120, "exec-of-another"), 2U);
  EXPECT_EQ(file.task(7, 49, "stress-ng-vm"), 3U) << "by priority inheritance";
  for (std::int64_t i = 1; i <= 20; ++i)
    file.write(section(i * 1'000, i, 0x10 * (i % 2 ? 1U : 2U)), 0, {0x99});
  ASSERT_TRUE(file.finish(ended(50'000)));
  const auto sections = read();
  ASSERT_TRUE(sections) << sections.error().what;
  ASSERT_EQ(sections->windows.size(), 20U);
  EXPECT_EQ(sections->windows[4].begin_ns, 5'000);
  EXPECT_EQ(sections->windows[4].length_ns, 5U);
  EXPECT_EQ(sections->places.size(), 2U) << "one a pair of places";
  EXPECT_EQ(sections->places[sections->windows[4].places].closed.link, 2U);
  ASSERT_EQ(sections->tasks.size(), 4U);
  EXPECT_EQ(sections->tasks[3].priority, 49);
  ASSERT_EQ(sections->chains.size(), 10U) << "of the longest";
  for (const SectionChain& chain : sections->chains)
    EXPECT_GE(sections->windows[chain.window].length_ns, 11U);
}

TEST_F(SectionWriterTest, EachCpusLongestKeepTheirChains) {
  SectionWriter file = writer(100);
  file.task(1, 120, "a");
  for (std::int64_t i = 1; i <= 20; ++i) file.write(section(i * 1'000, i, 0x10), i == 3 ? 1 : 0, {0x99});
  ASSERT_TRUE(file.finish(ended(50'000)));
  const auto sections = read();
  ASSERT_TRUE(sections) << sections.error().what;
  EXPECT_EQ(sections->chains.size(), 11U);
  EXPECT_EQ(sections->chains.back().window, 2U) << "the only one of its CPU";
}

TEST_F(SectionWriterTest, WhatHasNoRoomIsCountedAndMakesTheRecordingNone) {
  SectionWriter file = writer(2);
  file.task(1, 120, "a");
  for (std::int64_t i = 1; i <= 3; ++i) file.write(section(i * 1'000, i, 0x10), 0, {});
  ASSERT_TRUE(file.finish(ended(50'000)));
  const auto sections = read();
  ASSERT_FALSE(sections);
  EXPECT_EQ(sections.error().kind, ErrorKind::infrastructure);
  EXPECT_THAT(sections.error().what, ::testing::HasSubstr("1 windows had no room"));
}

TEST_F(SectionWriterTest, AWaitForALockIsReadWithItsHolder) {
  SectionWriter file = writer(100);
  const std::uint32_t waiter = file.task(40, 19, "responder"), holder = file.task(301, 19, "stress-ng-getra");
  file.write(section(1'000, 10, 0x10), 0, {});
  ClosedSection wait = section(2'000, 14'100, 0x20);
  wait.kind = SectionKind::lock_wait;
  wait.task = waiter;
  file.write_wait(wait, holder, 0, {0x99});
  SectionFileEnd end = ended(50'000);
  end.locks = 1;
  ASSERT_TRUE(file.finish(end));
  const auto sections = read();
  ASSERT_TRUE(sections) << sections.error().what;
  ASSERT_EQ(sections->windows.size(), 3U);
  EXPECT_EQ(sections->kind_of(sections->windows[1]), SectionKind::lock_wait);
  EXPECT_STREQ(sections->tasks[sections->windows[1].task].name, "responder");
  EXPECT_STREQ(sections->holder_of(1).name, "stress-ng-getra");
  EXPECT_EQ(sections->chains.back().window, 1U);
}

TEST_F(SectionWriterTest, AWaitForALockHasRoomWithItsHolderOrNone) {
  SectionWriter file = writer(2);
  file.task(1, 120, "a");
  file.write(section(1'000, 10, 0x10), 0, {});
  ClosedSection wait = section(2'000, 20, 0x20);
  wait.kind = SectionKind::lock_wait;
  file.write_wait(wait, 0, 0, {});
  file.write(section(3'000, 30, 0x10), 0, {});
  SectionFileEnd end = ended(50'000);
  ASSERT_TRUE(file.finish(end));
  const auto sections = read();
  ASSERT_FALSE(sections);
  EXPECT_THAT(sections.error().what, ::testing::HasSubstr("1 windows had no room"));
}

TEST_F(SectionWriterTest, AWindowOfSecondsIsNotCutShort) {
  SectionWriter file = writer(100);
  file.task(1, 120, "a");
  file.write(section(1'000, std::int64_t{1} << 33U, 0x10), 0, {});
  ASSERT_TRUE(file.finish(ended(std::int64_t{1} << 40U)));
  EXPECT_FALSE(read());
}

}  // namespace
}  // namespace loopgate::section_writer_test
