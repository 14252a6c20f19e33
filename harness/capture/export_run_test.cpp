#include "capture/export_run.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/testing/temp_folder.h"
#include "capture/bounds_run.h"
#include "capture/capture_run.h"
#include "capture/import_files.h"
#include "stats/stats_run.h"

namespace loopgate::export_run_test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

fs::path result_file(const std::string& name) {
  return fs::path(LOOPGATE_SOURCE_DIR) / "fixtures" / "recordings" / "results" / name;
}

// A run of a logic analyser, in wall-clock time: 33 answered, 1 unanswered.
fs::path captured_run(const TempFolder& folder) {
  CaptureRequest request;
  request.file = fs::path(LOOPGATE_SOURCE_DIR) / "fixtures/recordings/sigrok/known.sr";
  request.channels = {"D2", "D9"};
  request.pairing = {100'000, 300'000, 5};
  request.board = {"capture", "rpi-4b", "preempt-rt", "mixed"};
  request.loopgate = {"0.1.0", ""};
  const fs::path run = folder.path() / "run";
  EXPECT_TRUE(write_capture_run(request, run));
  return run;
}

Exported exported(ExportForm form, const fs::path& from) {
  auto done = export_run({form, from, "", "", "0.1.0"});
  EXPECT_TRUE(done) << done.error().what;
  return done.value_or(Exported{});
}

ImportedRun imported(const fs::path& file) {
  ImportRequest request;
  request.program = "cyclictest";
  request.files = {file};
  request.board = {"capture", "rpi-4b", "preempt-rt", "mixed"};
  auto run = import_files(request);
  EXPECT_TRUE(run) << run.error().what;
  return *std::move(run);
}

TEST(Export, WhatIsImportedAgainHasTheExactQuantilesInItsBounds) {
  const TempFolder folder;
  const fs::path run = captured_run(folder);
  const auto statistics = run_statistics(run);
  ASSERT_TRUE(statistics);
  const LatencyFigures& exact = *statistics->groups.front().summary.latency;
  for (const ExportForm form : {ExportForm::cyclictest_json, ExportForm::histfile}) {
    const ImportedRun again = imported(folder.write("again", exported(form, run).text));
    const auto bounds = bounds_of(again);
    ASSERT_TRUE(bounds);
    const Tail& tail = *bounds->group().pooled;
    EXPECT_EQ(tail.count(), statistics->groups.front().summary.counts.count);
    for (std::size_t i = 0; i < quantiles.size(); ++i) {
      if (!exact.quantile[i]) continue;
      const LatencyRange range = tail.quantile(quantiles[i].per_million);
      EXPECT_LE(range.low_ns, *exact.quantile[i]);
      EXPECT_GE(range.high_ns.value_or(-1), *exact.quantile[i]);
    }
    EXPECT_EQ(tail.max().low_ns, exact.max / 1'000 * 1'000);
    EXPECT_THAT(bounds->remarks, Contains(HasSubstr("no program")));
  }
}

TEST(Export, TellsWhatIsLost) {
  const TempFolder folder;
  const fs::path run = captured_run(folder);
  for (const ExportForm form : {ExportForm::cyclictest_json, ExportForm::histfile}) {
    const Exported done = exported(form, run);
    EXPECT_THAT(done.lost, Contains(HasSubstr("1 stimulus without an answer")));
    EXPECT_THAT(done.lost, Contains(HasSubstr("finer than a microsecond")));
    EXPECT_THAT(done.text, HasSubstr("1 stimulus without an answer")) << "in the file, too";
  }
  EXPECT_THAT(exported(ExportForm::csv, run).text, HasSubstr(",unanswered,,,1\n"));
}

TEST(Export, NamesTheCellsThatAreDamaged) {
  const TempFolder folder;
  const fs::path run = captured_run(folder);
  EXPECT_THAT(exported(ExportForm::csv, run).unreadable, testing::IsEmpty());
  std::string cell;
  for (const auto& entry : fs::directory_iterator(run / "cells")) {
    cell = entry.path().filename();
    folder.write(fs::relative(entry.path() / "samples.lgs", folder.path()), "LGS");
  }
  const Exported done = exported(ExportForm::csv, run);
  EXPECT_THAT(done.unreadable, testing::ElementsAre(cell));
  EXPECT_THAT(done.lost, Contains(HasSubstr(cell + " was not measured")));
}

TEST(Export, IsWhatCyclictestWrites) {
  const TempFolder folder;
  const auto document =
      nlohmann::json::parse(exported(ExportForm::cyclictest_json, captured_run(folder)).text);
  EXPECT_EQ(document["file_version"], 1);
  EXPECT_EQ(document["num_threads"], 1);
  EXPECT_EQ(document["resolution_in_ns"], 0);
  EXPECT_THAT(document["cmdline:"].get<std::string>(),
              StartsWith("loopgate stats --export cyclictest-json -h "));
  EXPECT_EQ(document["thread"]["0"]["min"], 8);
  EXPECT_EQ(document["thread"]["0"]["max"], 180);
  EXPECT_EQ(document["loopgate"]["time_base"], "wall");
  EXPECT_THAT(exported(ExportForm::histfile, folder.path() / "run").text,
              AllOf(HasSubstr("\n# Histogram\n000008 "),
                    HasSubstr("\n# Max Latencies: 00180\n# Histogram Overflows: 00000\n")));
}

// Of what was imported: its bins, its overflows and where they begin stay what they were.
TEST(Export, OfWhatWasImported) {
  const TempFolder folder;
  for (const char* name : {"cyclictest-2.4-h60.txt", "cyclictest-2.8-h60.json", "cyclictest-2.10-h60.txt"}) {
    const ImportedRun before = imported(result_file(name));
    for (const ExportForm form : {ExportForm::cyclictest_json, ExportForm::histfile}) {
      const Exported done = exported(form, result_file(name));
      const ImportedRun after = imported(folder.write("again", done.text));
      const LatencyHistogram& was = before.sources.front().measurement.latencies;
      const LatencyHistogram& is = after.sources.front().measurement.latencies;
      EXPECT_EQ(is.overflow, was.overflow);
      EXPECT_EQ(is.max_ns, was.max_ns);
      const auto of = [](const ImportedRun& run) {
        return bounds_of(run)->group().pooled->quantile(999'900);
      };
      EXPECT_LE(of(after).low_ns, of(before).low_ns) << name;
      EXPECT_EQ(of(after).high_ns, of(before).high_ns);
      if (form == ExportForm::cyclictest_json) {
        EXPECT_EQ(of(after), of(before)) << "the command keeps the bins' end";
      }
      EXPECT_THAT(done.lost, Contains(HasSubstr("the mean")));
    }
  }
  EXPECT_THAT(exported(ExportForm::csv, result_file("osadl.json")).text,
              AllOf(HasSubstr(",latency,40000,77999,1\n"), HasSubstr(",unsure,40000,77999,12\n")));
}

TEST(Export, Refusals) {
  const TempFolder folder;
  const auto problem = [](ExportForm form, const fs::path& from, const std::string& kernel = "") {
    const auto done = export_run({form, from, kernel, "", "0.1.0"});
    return done ? std::string("exported") : done.error().what;
  };
  const auto wide =
      folder.write("wide.txt",
                   "# RTLA timerlat histogram\n# Time unit is microseconds (us)\n# Duration: 0\n"
                   "Index   Thr-000\n10 2\n20 1\nover: 0\ncount: 3\nmin: 11\navg: 14\nmax: 27\n");
  EXPECT_THAT(problem(ExportForm::histfile, wide), HasSubstr("its bins are 10000 ns wide"));
  EXPECT_THAT(problem(ExportForm::csv, wide), HasSubstr("exported"));
  EXPECT_THAT(problem(ExportForm::csv, result_file("cyclictest-2.4-h60.txt"), "generic"),
              HasSubstr("nothing of that kernel"));
  EXPECT_THAT(problem(ExportForm::csv, folder.path()), HasSubstr("holds no run"));
  EXPECT_THAT(problem(ExportForm::csv, folder.path() / "none"), Not(HasSubstr("exported")));
  EXPECT_THAT(problem(ExportForm::csv, folder.write("text", "hello\n")),
              HasSubstr("no result file of a program that is known"));
}

}  // namespace
}  // namespace loopgate::export_run_test
