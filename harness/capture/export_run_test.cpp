#include "capture/export_run.h"

#include <gmock/gmock.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/testing/temp_folder.h"
#include "capture/bounds_run.h"
#include "capture/capture_run.h"
#include "capture/export_forms.h"
#include "capture/import_files.h"
#include "stats/exact_tail.h"
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
    EXPECT_THAT(bounds->remarks, Contains(HasSubstr("its instrument or a program")));
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

// 40 cycles from 4 to 5 us and 2 from 18 to 19 us, in two replicates; and one that has figures alone.
GroupEvidence of_programs(const std::vector<std::string>& with_histogram) {
  LatencyHistogram histogram;
  histogram.bin_width_ns = histogram.resolution_ns = 1'000;
  histogram.count.resize(30);
  histogram.count[4] = 20;
  histogram.count[18] = 1;
  histogram.min_ns = 4'000;
  histogram.max_ns = 18'000;
  GroupEvidence group;
  group.kernel = "rt";
  group.load = "mixed";
  for (const std::string& name : with_histogram) {
    ProgramEvidence& program = group.programs.emplace_back();
    program.program = name;
    for (const char* cell : {"rt.mixed", "rt.mixed.2"}) {
      ProgramReplicate& each = program.replicates.emplace_back();
      each.cell = cell;
      each.result.verdict = ProgramVerdict::pass;
      each.result.histogram = histogram;
    }
  }
  ProgramEvidence& last = group.programs.emplace_back();
  last.program = "hackbench";
  last.replicates.emplace_back().cell = "rt.mixed";
  last.replicates.back().result.verdict = ProgramVerdict::pass;
  return group;
}

ExportSource source_of(const GroupEvidence& group) {
  ExportSource source;
  source.comparison.suite.name = "rt-tests";
  source.comparison.board.name = "qemu";
  source.measured_by = "Loopgate's instrument";
  source.groups = {group_to_export(group, "")};
  return source;
}

TEST(Export, OfProgramsHasTheHistogramOfEachAndNamesThoseWithout) {
  const GroupEvidence group = of_programs({"cyclictest", "oslat"});
  const Exported done = export_as_csv(source_of(group));
  EXPECT_THAT(done.text,
              HasSubstr("rt-tests,qemu,rt,mixed,rt.mixed.2,virtual,cyclictest,latency,18000,18999,1\n"));
  EXPECT_THAT(done.text, HasSubstr(",rt.mixed,virtual,oslat,latency,4000,4999,20\n"));
  EXPECT_THAT(done.lost, Contains("hackbench in rt.mixed has no histogram, and is left out"));
}

TEST(Export, InCyclictestsFormsIsOfOneProgram) {
  const ExportRequest request{ExportForm::cyclictest_json, "", "", "", "0.1.0"};
  const GroupEvidence group = of_programs({"cyclictest", "oslat"});
  const auto done = export_as_cyclictest(request, source_of(group));
  ASSERT_TRUE(done) << done.error().what;
  const auto document = nlohmann::json::parse(done->text);
  EXPECT_EQ(document["num_threads"], 2) << "of each replicate one";
  EXPECT_EQ(document["thread"]["1"]["histogram"]["18"], 1);
  EXPECT_EQ(document["loopgate"]["measured_by"], "cyclictest");
  EXPECT_THAT(done->lost, Contains("what oslat measured: --export csv has it"));
  const GroupEvidence others = of_programs({"queuelat", "oslat"});
  const auto refused = export_as_cyclictest(request, source_of(others));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().what, HasSubstr("of one program, and there are queuelat, oslat"));
}

TEST(Export, OfAPayloadHasWhatAProgramMeasuredBesideItOrNamesIt) {
  GroupEvidence group = of_programs({"cyclictest"});
  Latencies pin;
  pin.answered_ns = {20'000, 41'000};
  group.replicates.push_back({"rt.mixed", {}, {}, {}, std::make_shared<ExactTail>(pin)});
  const Exported csv = export_as_csv(source_of(group));
  EXPECT_THAT(csv.text, AllOf(HasSubstr(",Loopgate's instrument,latency,41000,41000,1\n"),
                              HasSubstr(",cyclictest,latency,18000,18999,1\n")));
  const auto json =
      export_as_cyclictest({ExportForm::cyclictest_json, "", "", "", "0.1.0"}, source_of(group));
  ASSERT_TRUE(json) << json.error().what;
  EXPECT_EQ(nlohmann::json::parse(json->text)["thread"]["0"]["max"], 41) << "the pin's";
  EXPECT_THAT(json->lost, Contains("what cyclictest measured: --export csv has it"));
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
