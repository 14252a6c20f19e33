#include "record/derived_files.h"

#include <gmock/gmock.h>

#include "record/testing/recorded_run.h"

namespace loopgate::derived_files_test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::write_text;

class DerivedFiles : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const char* folder : {"report", "kernels", "cells/rt.mixed"}) fs::create_directories(run() / folder);
    for (const char* file : raw_) write_text(run() / file, "raw");
    for (const char* file : derived_) write_text(run() / file, "old");
  }
  fs::path run() const { return scratch_.path(); }
  bool has(const std::string& file) const { return fs::exists(run() / file); }

  std::vector<const char*> raw_ = {"run.json", "cells/rt.mixed/outcome.json", "cells/rt.mixed/explain.json"};
  std::vector<const char*> derived_ = {
      "verdict.json",      "junit.xml",          "verdict.md",
      "comparison.json",   "distribution.json",  "cells/rt.mixed/summary.json",
      "report/index.html", "report/a.png",       "report/a.svg",
      "report/a.pdf",      "kernels/index.html", "kernels/table.txt",
      "kernels/runs.txt"};

 private:
  testing::ScratchFolder scratch_;
};

TEST_F(DerivedFiles, AllGoAndNothingElse) {
  ASSERT_TRUE(remove_derived(run()));
  for (const char* file : derived_) EXPECT_FALSE(has(file)) << file;
  EXPECT_FALSE(has("report"));
  EXPECT_FALSE(has("kernels"));
  for (const char* file : raw_) EXPECT_TRUE(has(file)) << file;
  EXPECT_TRUE(remove_derived(run())) << "there is nothing left to remove";
}

TEST_F(DerivedFiles, AVerdictTakesTheReportThatMayShowIt) {
  ASSERT_TRUE(remove_verdict(run()));
  for (const char* file : {"verdict.json", "junit.xml", "verdict.md", "report", "kernels"})
    EXPECT_FALSE(has(file)) << file;
  EXPECT_TRUE(has("comparison.json"));
}

TEST_F(DerivedFiles, APageKnowsItsRuns) {
  const fs::path beside = run().parent_path() / "rt";
  fs::create_directories(beside);
  write_text(beside / "run.json", "{}");
  write_text(run() / "kernels" / "runs.txt", run().string() + "\n" + beside.string() + "\n");
  using Runs = std::vector<fs::path>;
  EXPECT_EQ(drawn_pages(run()), (std::vector<Runs>{{run()}, {run(), beside}}));
  write_text(run() / "kernels" / "runs.txt", "/runs/my today\n/runs/rt\n");
  EXPECT_EQ(drawn_pages(run()), (std::vector<Runs>{{run()}, {run(), beside}})) << "both were moved";
  ASSERT_TRUE(remove_report(run()));
  fs::remove(beside / "run.json");
  EXPECT_EQ(drawn_pages(run()), (std::vector<Runs>{{}})) << "one is gone";
  ASSERT_TRUE(remove_kernels_page(run()));
  EXPECT_EQ(drawn_pages(run()), std::vector<Runs>{});
}

TEST_F(DerivedFiles, AReportFromBeforeTheFirstVerdictStays) {
  fs::remove(run() / "verdict.json");
  ASSERT_TRUE(remove_verdict(run()));
  EXPECT_FALSE(has("junit.xml"));
  EXPECT_TRUE(has("report/index.html"));
}

TEST_F(DerivedFiles, OfAFolderThatIsNoReportsOnlyThePageGoes) {
  write_text(run() / "report" / "thesis.txt", "mine");
  ASSERT_TRUE(remove_report(run()));
  EXPECT_FALSE(has("report/index.html"));
  EXPECT_TRUE(has("report/thesis.txt"));
  EXPECT_TRUE(has("report/a.png"));
}

TEST_F(DerivedFiles, OneRunsReportAndThePageOfSeveralGoAlone) {
  ASSERT_TRUE(remove_report(run()));
  EXPECT_TRUE(has("kernels/index.html"));
  ASSERT_TRUE(remove_kernels_page(run()));
  EXPECT_FALSE(has("kernels"));
}

TEST_F(DerivedFiles, AFolderOfTheUsersGoesOnlyWhereItIsAPages) {
  ASSERT_TRUE(remove_page(run() / "report"));
  EXPECT_FALSE(has("report"));
  for (const char* file : {"photos/a.png", "page/index.html", "page/thesis.txt"}) {
    fs::create_directories((run() / file).parent_path());
    write_text(run() / file, "mine");
  }
  for (const char* folder : {"photos", "page", "not there"})
    ASSERT_TRUE(remove_page(run() / folder)) << folder;
  EXPECT_TRUE(has("photos/a.png")) << "pictures without a page are no report";
  EXPECT_TRUE(has("page/index.html") && has("page/thesis.txt"));
}

TEST_F(DerivedFiles, AFolderWithoutAMeasurementIsLeftAlone) {
  fs::remove(run() / "run.json");
  ASSERT_TRUE(remove_derived(run()));
  for (const char* file : derived_) EXPECT_TRUE(has(file)) << file;
  write_text(run() / "latmon.json", "raw");
  ASSERT_TRUE(remove_verdict(run()));
  EXPECT_FALSE(has("verdict.json"));
}

// A folder of that name, which root can't remove as a file either.
TEST_F(DerivedFiles, WhatCannotBeRemovedIsAnErrorAndTheOthersGo) {
  fs::remove(run() / "verdict.json");
  fs::create_directories(run() / "verdict.json");
  const auto removed = remove_verdict(run());
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().kind, ErrorKind::infrastructure);
  EXPECT_THAT(removed.error().what, HasSubstr("verdict.json: is an earlier answer, and can't be removed"));
  EXPECT_FALSE(has("junit.xml"));
  EXPECT_FALSE(has("verdict.md"));
}

TEST_F(DerivedFiles, AnAnswerGoesAndADeviceOrALinkStays) {
  ASSERT_TRUE(remove_answer(run() / "verdict.md"));
  EXPECT_FALSE(has("verdict.md"));
  EXPECT_TRUE(remove_answer(run() / "verdict.md"));
  fs::create_symlink("junit.xml", run() / "link");
  ASSERT_TRUE(remove_answer(run() / "link"));
  EXPECT_TRUE(fs::is_symlink(run() / "link")) << "the next answer is written through it";
  EXPECT_FALSE(has("junit.xml"));
  EXPECT_TRUE(remove_answer(run() / "link")) << "it leads to nothing";
  ASSERT_TRUE(remove_answer("/dev/null"));
  EXPECT_TRUE(fs::exists("/dev/null"));
}

}  // namespace
}  // namespace loopgate::derived_files_test
