#include "analysis/section_reader.h"

#include <gmock/gmock.h>

#include <functional>
#include <string>

#include "analysis/bound.h"
#include "analysis/testing/section_bytes.h"
#include "base/file.h"

namespace loopgate::section_reader_test {
namespace {

using ::testing::HasSubstr;

// A file of three windows, with one thing changed in it.
Result<RecordedSections> read_changed(const std::function<void(SectionBytes*)>& change) {
  SectionBytes file = three_windows();
  change(&file);
  return read_sections(file.bytes());
}

TEST(SectionReader, ReadsWhatWasWritten) {
  const auto sections = read_sections(three_windows().bytes());
  ASSERT_TRUE(sections) << sections.error().what;
  ASSERT_EQ(sections->windows.size(), 3U);
  EXPECT_EQ(sections->windows[2].length_ns, 300'008U);
  EXPECT_EQ(sections->kind_of(sections->windows[2]), SectionKind::preemption_off);
  EXPECT_STREQ(sections->tasks[1].name, "planted");
  EXPECT_EQ(sections->begin_ns, 1'000);
  EXPECT_EQ(sections->end_ns, 1'000'000);
  EXPECT_EQ(sections->unclosed, 2U);
}

// The first counted stimulus may come in it.
TEST(SectionReader, AWindowThatWasOpenAsTheRecordingBeganIsWhole) {
  const auto sections = read_changed([](SectionBytes* file) { file->windows[0].begin_ns = 951; });
  ASSERT_TRUE(sections) << sections.error().what;
  EXPECT_EQ(sections->windows[0].begin_ns, 951);
  EXPECT_EQ(sections->windows[0].length_ns, 50U);
}

TEST(SectionReader, TheSeedOfItsFuzzerIsReadAndBounded) {
  const auto bytes = read_file(std::string(LOOPGATE_SOURCE_DIR) + "/fixtures/recordings/sections.lgw");
  ASSERT_TRUE(bytes);
  const auto sections = read_sections(*bytes);
  ASSERT_TRUE(sections) << sections.error().what;
  auto symbols = Symbols::of_kernel("ffff800080000000 T _stext\nffff800080010000 T vectors\n");
  const SampleMoments sample{1, 1'000'000, 100, 500, 3'400, 4'000, 4'700, 9'000, 12, 40};
  const auto bound = compose_bound(*sections, {sample}, &*symbols);
  ASSERT_TRUE(bound) << bound.error().what;
  EXPECT_GE(bound->bound_ns, 600'000);
}

TEST(SectionReader, RefusesEachCutAndEachExtraByte) {
  const std::string whole = three_windows().bytes();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto sections = read_sections(std::string_view(whole).substr(0, size));
    ASSERT_FALSE(sections) << size;
    EXPECT_EQ(sections.error().kind, ErrorKind::data);
  }
  EXPECT_FALSE(read_sections("x" + whole));
  EXPECT_FALSE(read_sections(whole + "x"));
}

TEST(SectionReader, RefusesWhatCannotBe) {
  const std::pair<const char*, std::function<void(SectionBytes*)>> cases[] = {
      {"points behind its tables", [](SectionBytes* file) { file->windows[0].places = 9; }},
      {"points behind its tables", [](SectionBytes* file) { file->windows[0].task = 2; }},
      {"no known kind", [](SectionBytes* file) { file->places[0].kind = section_kinds; }},
      {"of one kind overlap", [](SectionBytes* file) { file->windows[1].begin_ns = 2'010; }},
      {"no length", [](SectionBytes* file) { file->windows[1].length_ns = 0; }},
      {"outside of it", [](SectionBytes* file) { file->windows[0].begin_ns = 950; }},
      {"outside of it", [](SectionBytes* file) { file->windows[0].begin_ns = -1; }},
      {"outside of it", [](SectionBytes* file) { file->windows[0].begin_ns = INT64_MAX - 1; }},
      {"call chain of no window", [](SectionBytes* file) { file->chains[0].window = 3; }},
      {"call chain of no window", [](SectionBytes* file) { file->chains[0].count = 14; }},
      {"end before they begin", [](SectionBytes* file) { file->end.end_ns = 1; }},
  };
  for (const auto& [what, change] : cases) {
    const auto sections = read_changed(change);
    ASSERT_FALSE(sections) << what;
    EXPECT_EQ(sections.error().kind, ErrorKind::data) << what;
    EXPECT_THAT(sections.error().what, HasSubstr(what));
  }
}

TEST(SectionReader, AWaitForALockHasItsHolder) {
  const auto sections = read_sections(with_lock_wait().bytes());
  ASSERT_TRUE(sections) << sections.error().what;
  EXPECT_TRUE(sections->follows_locks);
  ASSERT_EQ(sections->windows.size(), 5U);
  EXPECT_EQ(sections->kind_of(sections->windows[3]), SectionKind::lock_wait);
  EXPECT_STREQ(sections->holder_of(3).name, "stress-ng-getra");
  EXPECT_FALSE(read_sections(three_windows().bytes())->follows_locks);
}

TEST(SectionReader, SeveralTasksMayWaitAtOnce) {
  SectionBytes file = with_lock_wait();
  for (SectionRecord again : {file.windows[3], file.windows[4]}) {
    again.begin_ns += 100;  // and ends later
    file.windows.push_back(again);
  }
  EXPECT_TRUE(read_sections(file.bytes()));
  for (const std::size_t late : {5U, 6U}) file.windows[late].length_ns = 100;
  const auto disordered = read_sections(file.bytes());
  ASSERT_FALSE(disordered);
  EXPECT_THAT(disordered.error().what, HasSubstr("not in the order of their ends"));
}

TEST(SectionReader, RefusesAWaitForALockWithoutItsHolder) {
  const std::pair<const char*, std::function<void(SectionBytes*)>> cases[] = {
      {"no holder", [](SectionBytes* file) { file->windows.pop_back(); }},
      {"no wait", [](SectionBytes* file) { file->windows.erase(file->windows.begin() + 3); }},
      {"the wrong way round", [](SectionBytes* file) { std::swap(file->windows[3], file->windows[4]); }},
      {"another length", [](SectionBytes* file) { file->windows[4].length_ns -= 1; }},
      {"another begin", [](SectionBytes* file) { file->windows[4].begin_ns += 1; }},
      {"another CPU", [](SectionBytes* file) { file->windows[4].cpu = 1; }},
      {"another place", [](SectionBytes* file) { file->places[3].closed.link += 4; }},
      {"a window between",
       [](SectionBytes* file) {
         file->windows.insert(file->windows.begin() + 4, {410'000, 4'200, 0, 0, 0});
       }},
      {"locks not followed", [](SectionBytes* file) { file->end.locks = 0; }},
  };
  for (const auto& [what, change] : cases) {
    SectionBytes file = with_lock_wait();
    file.chains.clear();
    change(&file);
    const auto sections = read_sections(file.bytes());
    ASSERT_FALSE(sections) << what;
    EXPECT_EQ(sections.error().kind, ErrorKind::data) << what;
    EXPECT_THAT(sections.error().what, HasSubstr("a wait for a lock")) << what;
  }
}

TEST(SectionReader, RefusesARecordingThatSawNotAll) {
  const std::pair<const char*, std::uint64_t SectionFileEnd::*> cases[] = {
      {"had no room", &SectionFileEnd::lost},
      {"pseudo-NMI", &SectionFileEnd::priority_masks},
      {"was not the followed one", &SectionFileEnd::wrong_counts},
      {"preempt count was not found", &SectionFileEnd::no_count},
  };
  for (const auto& [what, member] : cases) {
    const auto sections = read_changed([&](SectionBytes* file) { file->end.*member = 1; });
    ASSERT_FALSE(sections) << what;
    EXPECT_EQ(sections.error().kind, ErrorKind::infrastructure) << what;
    EXPECT_THAT(sections.error().what, HasSubstr(what));
    EXPECT_FALSE(sections.error().next_step.empty());
  }
}

}  // namespace
}  // namespace loopgate::section_reader_test
