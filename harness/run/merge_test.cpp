#include "run/merge.h"

#include "run/testing/merge_fixture.h"
#include "stats/stats_run.h"

namespace loopgate::merge_test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class Merge : public MergeTest {};

TEST_F(Merge, EqualsTheUnshardedRunToTheByte) {
  ASSERT_EQ(measure("", "alone"), "");
  ASSERT_TRUE(compute_run_statistics(folder_.path() / "alone"));
  measure_three();
  const auto merged = merge({"3", "1", "2"});
  ASSERT_TRUE(merged) << merged.error().what;
  EXPECT_EQ(merged->shards, 3U);
  EXPECT_EQ(merged->cells, 8U);
  EXPECT_EQ(merged->compared, 2U);
  EXPECT_TRUE(merged->all_measured && !merged->kernel_failed);
  EXPECT_THAT(merged->unequal, IsEmpty());
  for (const char* file : {"comparison.json", "distribution.json"})
    EXPECT_EQ(text_in(std::string("whole/run/") + file), text_in(std::string("alone/") + file)) << file;
  for (const Cell& cell : plan_.cells)
    for (const char* file : {"samples.lgs", "summary.json"}) {
      const std::string path = "cells/" + cell.name + "/" + file;
      EXPECT_NE(text_in("alone/" + path), "") << path;
      EXPECT_EQ(text_in("whole/run/" + path), text_in("alone/" + path)) << path;
    }
  const RunRecord alone = read_run_record(folder_.path() / "alone").value();
  EXPECT_EQ(first_difference(read_run_record(out()).value(), alone), "") << "but for its circumstances";
}

TEST_F(Merge, KeepsWhereAndWhenEachCellWasMeasured) {
  measure_three();
  const std::string day = read_run_record(folder_.path() / "2")->circumstances.started;
  for (const auto& entry : fs::recursive_directory_iterator(folder_.path() / "2")) {
    if (entry.path().extension() == ".json") replace_in(entry.path(), day, "2026-02-03T04:05:06Z");
    if (entry.path().filename() == "outcome.json") seal_again(entry.path());
  }
  const auto merged = merge();
  ASSERT_TRUE(merged) << merged.error().what;
  EXPECT_TRUE(merged->all_measured);
  const RunRecord run = read_run_record(out()).value();
  ASSERT_EQ(run.circumstances.shards.size(), 3U);
  EXPECT_EQ(run.circumstances.shards[1].started, "2026-02-03T04:05:06Z");
  EXPECT_EQ(run.circumstances.started, read_run_record(folder_.path() / "1")->circumstances.started);
  const std::string outcome = "/cells/" + run.circumstances.shards[1].cells.front() + "/outcome.json";
  EXPECT_EQ(text_in("whole/run" + outcome), text_in("2" + outcome)) << "what is finished is not patched";
  // And a cell of one shard is not taken for another's.
  replace_in(out() / "run.json", "2026-02-03T04:05:06Z", day);
  EXPECT_FALSE(run_statistics(out())->groups.front().invalid.empty());
}

TEST_F(Merge, APartHasNoFigures) {
  measure_three();
  const auto part = run_statistics(folder_.path() / "2");
  ASSERT_FALSE(part);
  EXPECT_EQ(part.error().kind, ErrorKind::usage);
  EXPECT_EQ(part.error().what, (folder_.path() / "2").string() + " is a part, shard 2 of 3: merge first");
  EXPECT_FALSE(fs::exists(folder_.path() / "2" / "comparison.json"));
}

TEST_F(Merge, AShardIsResumedAsItselfAlone) {
  measure_three();
  EXPECT_THAT(measure("3/3", "2", true), HasSubstr("holds another run than this one: shard"));
  EXPECT_THAT(measure("", "2", true), HasSubstr("holds another run than this one: shard"));
}

TEST_F(Merge, LeavesWhatIsThere) {
  measure_three();
  folder_.write("whole/run/mine", "x");
  const auto merged = merge();
  ASSERT_FALSE(merged);
  EXPECT_EQ(merged.error().kind, ErrorKind::usage);
  EXPECT_EQ(merged.error().what, out().string() + " exists");
  EXPECT_EQ(text_in("whole/run/mine"), "x");
}

// A rename can't put a folder in their place: all would be copied for nothing.
TEST_F(Merge, RefusesALinkAndADotBeforeItCopies) {
  measure_three();
  fs::create_directories(folder_.path() / "empty");
  fs::create_directory_symlink(folder_.path() / "empty", folder_.path() / "link");
  fs::create_symlink(folder_.path() / "nothing", folder_.path() / "dangling");
  const auto refused = [&](const std::string& name) {
    const auto merged = merge_run(folders({"1", "2", "3"}), folder_.path() / name);
    if (merged) return Error{ErrorKind::infrastructure, "accepted", ""};
    EXPECT_EQ(merged.error().kind, ErrorKind::usage) << name;
    return merged.error();
  };
  const std::string folder = folder_.path().string();
  EXPECT_EQ(refused("link").what, folder + "/link is a link");
  EXPECT_EQ(refused("link/").what, folder + "/link/ is a link");
  EXPECT_EQ(refused("dangling").what, folder + "/dangling is a link");
  EXPECT_EQ(refused("empty/.").what, folder + "/empty/. names no new folder");
  EXPECT_EQ(refused("empty/./").what, folder + "/empty/./ names no new folder");
  EXPECT_TRUE(fs::is_empty(folder_.path() / "empty"));
  EXPECT_TRUE(merge_run(folders({"1", "2", "3"}), folder_.path() / "empty/"));
}

}  // namespace
}  // namespace loopgate::merge_test
