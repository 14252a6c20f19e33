// Runs made up on disk, in one history.
#include "history/history.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "gate/recorded_verdict.h"
#include "history/history_json.h"
#include "history/history_text.h"
#include "record/seal.h"
#include "record/testing/recorded_run.h"
#include "stats/evidence_digest.h"
#include "stats/stats_run.h"

namespace loopgate::history_test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using testing::read_text;
using testing::RecordedRun;
using testing::write_text;

class Histories : public ::testing::Test {
 protected:
  // A run of day `day` whose latencies are `ns` and near it.
  fs::path add(int day, std::int64_t ns, RecordedRun run = {}) {
    const fs::path folder = scratch_.path() / fmt::format("v{:02}", day);
    run.started = fmt::format("2026-01-{:02}T12:00:00Z", day);
    std::vector<std::int64_t> latencies(100, ns);
    latencies.back() += 10 + day;
    if (run.cells.empty()) run.cells = {{"rt", "mixed", latencies}};
    write_run(folder, run);
    folders_.push_back(folder);
    return folder;
  }
  History read() const {
    std::vector<PastRun> runs;
    for (const fs::path& folder : folders_) runs.push_back(read_past_run(folder));
    return history_of(std::move(runs));
  }

  testing::ScratchFolder scratch_;
  std::vector<fs::path> folders_;
};

TEST_F(Histories, AChangeIsFoundAndSaysWhatItWasBeforeAndAfter) {
  for (const int day : {12, 11, 10, 9, 8, 7}) add(day, 30'000);
  for (const int day : {1, 2, 3, 4, 5, 6}) add(day, 20'000);
  const History history = read();
  EXPECT_EQ(history.runs.front().name, "v01") << "by when they were measured";
  ASSERT_EQ(history.sets.size(), 1U);
  ASSERT_EQ(history.sets[0].series.size(), 1U);
  const auto& changes = history.sets[0].series[0].changes;
  ASSERT_EQ(changes.size(), 2U) << "p50 and mean: 100 stimuli resolve no p99";
  EXPECT_EQ(changes[0].figure.key, "p50");
  EXPECT_EQ(history.runs[changes[0].run].name, "v07");
  EXPECT_EQ(changes[0].before, 20'000);
  EXPECT_EQ(changes[0].after, 30'000);
  EXPECT_THAT(history_text(history), HasSubstr("of 100 figures that never changed, 1 shows one by chance"));
  EXPECT_THAT(history_text(history),
              HasSubstr("rt: p50 changed at v07: 20.0 us before, 30.0 us after (p = 0.0"));
}

TEST_F(Histories, WhatTooFewRunsCannotShowIsNotCalledUnchanged) {
  for (int day = 1; day <= 9; ++day) add(day, day < 5 ? 20'000 : 90'000);
  EXPECT_THAT(history_text(read()),
              HasSubstr("rt: p50 and mean could not be tested for a change: 9 runs have them, and it takes "
                        "10, 5 on each side"));
  EXPECT_THAT(history_text(read()), Not(HasSubstr("no change was found")));
  add(10, 90'000);
  EXPECT_THAT(history_text(read()),
              HasSubstr("rt: p99 and p99.9 could not be tested for a change: no run has them"))
      << "100 stimuli resolve neither";
  const auto set = nlohmann::json::parse(history_json(read(), "/out"))["sets"][0];
  EXPECT_EQ(set["any_tested"], true);
  EXPECT_EQ(set["not_tested"].size(), 1U);
}

TEST_F(Histories, RunsWithoutAFigureTestNothing) {
  for (int day = 1; day <= 12; ++day) {
    const fs::path samples = add(day, 20'000) / "cells" / "rt.mixed" / "samples.lgs";
    fs::resize_file(samples, fs::file_size(samples) - 1);
  }
  EXPECT_THAT(history_text(read()), HasSubstr("no run has them, and it takes 10"));
  EXPECT_THAT(history_text(read()), Not(HasSubstr("no change was found")));
}

TEST_F(Histories, WhatMayNotBeComparedIsNoSeries) {
  add(1, 20'000);
  RecordedRun other;
  other.load_sha256 = "load-2";
  add(2, 20'000, other);
  other = {};
  other.board = "raspberry-pi-4b";
  add(3, 20'000, other);
  other = {};
  other.suite = "inspection-like";
  add(4, 20'000, other);
  const History history = read();
  EXPECT_EQ(history.sets.size(), 4U);
  for (const HistorySet& set : history.sets) EXPECT_EQ(set.series.front().points.size(), 1U);
}

TEST_F(Histories, ADamagedRunStandsByNameWithItsReason) {
  add(1, 20'000);
  write_text(add(2, 20'000) / "run.json", "{");
  fs::remove_all(scratch_.path() / "v03");
  fs::create_directories(scratch_.path() / "v03");
  folders_.push_back(scratch_.path() / "v03");
  const History history = read();
  ASSERT_EQ(history.runs.size(), 3U);
  EXPECT_THAT(history.runs[0].problem, IsEmpty());
  EXPECT_THAT(history.runs[1].problem, HasSubstr("run.json"));
  EXPECT_THAT(history.runs[2].problem, HasSubstr("run.json"));
  EXPECT_THAT(history_text(history), HasSubstr("v02: "));
  EXPECT_THAT(history_text(history), HasSubstr("3 runs, 0 of them INVALID, 2 not read"));
  EXPECT_TRUE(nlohmann::json::parse(history_json(history, "/out"))["runs"][1]["problem"].is_string());
}

// verdict.json, with one group.
std::string verdict_text(const std::string& all, const std::string& group, const std::string& key = {},
                         const std::string& value = {}) {
  nlohmann::json verdict = {{"format", 1},
                            {"verdict", all},
                            {"suite", "irq-to-gpio"},
                            {"board", "qemu-virt-arm64"},
                            {"time_base", "virtual"},
                            {"policy", {{"title", "t"}}},
                            {"groups", {{{"kernel", "rt"}, {"load", "mixed"}, {"verdict", group}}}},
                            {"checks", nlohmann::json::array()}};
  if (key == "kernel" || key == "load")
    verdict["groups"][0][key] = value;
  else if (!key.empty())
    verdict[key] = value;
  return verdict.dump(2);
}

// As a gate leaves it: of what the run has now, and sealed.
void put_verdict(const fs::path& run, const std::string& text) {
  nlohmann::json verdict = nlohmann::json::parse(text);
  verdict["evidence_sha256"] = evidence_sha256(run_statistics(run).value());
  write_text(run / "verdict.json", with_seal(verdict.dump(2)));
}

TEST_F(Histories, AnAlteredCellIsInvalidAndHasNoFigure) {
  const fs::path run = add(1, 20'000);
  const fs::path samples = run / "cells" / "rt.mixed" / "samples.lgs";
  fs::resize_file(samples, fs::file_size(samples) - 1);
  const History history = read();
  EXPECT_EQ(history.runs[0].verdict, "INVALID");
  const PastGroup& group = history.runs[0].groups[0];
  EXPECT_EQ(group.verdict, "INVALID");
  EXPECT_THAT(group.why, HasSubstr("rt.mixed"));
  EXPECT_THAT(group.figures, IsEmpty());
  EXPECT_THAT(history_text(history), HasSubstr("1 run, 1 of them INVALID, 0 not read"));
}

TEST_F(Histories, AVerdictIsShownWhereThereIsOne) {
  put_verdict(add(1, 20'000), verdict_text("FAIL", "FAIL"));
  add(2, 20'000);
  write_text(add(3, 20'000) / "verdict.json", "{");
  const History history = read();
  EXPECT_EQ(history.runs[0].groups[0].verdict, "FAIL");
  EXPECT_EQ(history.runs[1].groups[0].verdict, "NOT GATED");
  EXPECT_THAT(history.runs[2].problem, HasSubstr("verdict.json"));
  put_verdict(folders_[0], verdict_text("PASSED", "PASS"));
  EXPECT_THAT(read_past_run(folders_[0]).problem, HasSubstr("verdict is no verdict"));
}

TEST_F(Histories, AVerdictThatNoGateGivesOnThisRunIsNotBelieved) {
  const fs::path run = add(1, 20'000);
  const auto problem = [&](const std::string& text) {
    put_verdict(run, text);
    return read_past_run(run).problem;
  };
  EXPECT_THAT(problem(verdict_text("PASS", "PASS")), IsEmpty());
  EXPECT_THAT(problem(verdict_text("FAIL", "FAIL")), IsEmpty());
  EXPECT_THAT(problem(verdict_text("INCONCLUSIVE", "NOT GATED")), IsEmpty());
  for (const auto& [key, what] : std::vector<std::pair<std::string, std::string>>{
           {"suite", "is of the suite other"},
           {"board", "is of the board other"},
           {"time_base", "is of the time base other"},
           {"kernel", "does not judge kernel rt under load mixed"},
           {"load", "does not judge kernel rt under load mixed"}})
    EXPECT_THAT(problem(verdict_text("PASS", "PASS", key, "other")), HasSubstr("verdict.json: " + what));
  for (const char* group : {"FAIL", "INVALID", "INCONCLUSIVE", "NOT GATED"})
    EXPECT_THAT(problem(verdict_text("PASS", group)), HasSubstr("says PASS, and what it judges comes to "));
  nlohmann::json more = nlohmann::json::parse(verdict_text("PASS", "PASS"));
  more["groups"].push_back(more["groups"][0]);
  EXPECT_THAT(problem(more.dump()), HasSubstr("is judged twice"));
  more["groups"][1]["kernel"] = "of another run";
  EXPECT_THAT(problem(more.dump()), HasSubstr("judges kernel of another run under load mixed"));
}

TEST_F(Histories, AVerdictOfABoundIsNoneWhereThatHasChanged) {
  const fs::path run = add(1, 20'000);
  nlohmann::json verdict = nlohmann::json::parse(verdict_text("PASS", "PASS"));
  verdict["checks"].push_back({{"quantity", "hunted_max"}});
  put_verdict(run, verdict.dump());
  EXPECT_THAT(read_past_run(run).problem, HasSubstr("judges a bound or a hunt that has changed since"))
      << "an earlier version's, which is bound to none";
  verdict["worst_case_sha256"] = run_statistics(run).value().worst_case_sha256;
  put_verdict(run, verdict.dump());
  EXPECT_THAT(read_past_run(run).problem, IsEmpty());
  write_text(run / "hunt.json", "{");
  EXPECT_THAT(read_past_run(run).problem, HasSubstr("judges a bound or a hunt that has changed since"));
  verdict["checks"][0]["quantity"] = "max";
  put_verdict(run, verdict.dump());
  EXPECT_THAT(read_past_run(run).problem, IsEmpty()) << "of samples alone";
}

// The reader that report and history share.
TEST_F(Histories, AVerdictThatWasCopiedOrAlteredIsRefusedByName) {
  const fs::path run = add(1, 20'000);
  const fs::path file = run / "verdict.json";
  const auto problem = [&](const fs::path& of) {
    const Comparison measured = run_statistics(of).value();
    const auto read = read_recorded_verdict(of, measured, evidence_sha256(measured));
    return read ? std::string() : read.error().what + " -> " + read.error().next_step;
  };
  EXPECT_EQ(problem(run), "") << "without a verdict";
  put_verdict(run, verdict_text("PASS", "PASS"));
  EXPECT_EQ(problem(run), "");
  const fs::path other = add(2, 20'000);
  fs::copy_file(file, other / "verdict.json");
  EXPECT_THAT(problem(other), HasSubstr("verdict.json: is not of what is measured here"));
  EXPECT_THAT(problem(other), HasSubstr("loopgate gate"));
  const std::string text = read_text(file);
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string altered = text;
    altered[i] ^= 1;
    write_text(file, altered);
    EXPECT_THAT(problem(run), HasSubstr(file.string())) << i;
  }
  const std::string evidence = evidence_sha256(run_statistics(run).value());
  write_text(file, verdict_text("PASS", "PASS", "evidence_sha256", evidence));
  EXPECT_THAT(problem(run), HasSubstr("sha256 is missing")) << "an earlier version's";
  write_text(file, text);
  const fs::path samples = run / "cells" / "rt.mixed" / "samples.lgs";
  fs::resize_file(samples, fs::file_size(samples) - 1);
  EXPECT_THAT(problem(run), HasSubstr("or a cell has changed since"));
}

TEST_F(Histories, AKernelThatFailedIsFailWhateverTheVerdictSays) {
  RecordedRun crashed;
  crashed.cells = {{"rt", "mixed", {20'000}, "kernel_failed", "it panicked"}};
  const fs::path run = add(1, 20'000, crashed);
  EXPECT_EQ(read_past_run(run).verdict, "FAIL") << "without a gate";
  EXPECT_EQ(read_past_run(run).groups[0].verdict, "FAIL");
  put_verdict(run, verdict_text("PASS", "PASS"));
  EXPECT_THAT(read_past_run(run).problem, HasSubstr("and the kernel failed"));
  put_verdict(run, verdict_text("INVALID", "FAIL"));
  EXPECT_THAT(read_past_run(run).problem, HasSubstr("and the kernel failed"));
  put_verdict(run, verdict_text("FAIL", "FAIL"));
  EXPECT_THAT(read_past_run(run).problem, IsEmpty());
}

TEST_F(Histories, ARunThatIsGivenTwiceCountsOnce) {
  const fs::path first = add(1, 20'000);
  fs::copy(first, scratch_.path() / "copy", fs::copy_options::recursive);
  folders_.push_back(scratch_.path() / "copy");
  const History history = read();
  EXPECT_EQ(history.sets[0].series[0].points.size(), 1U);
  EXPECT_EQ(history.runs[0].folder, first) << "the one that is named first";
  EXPECT_THAT(history.runs[1].problem, HasSubstr("is the same run as " + first.string()));
  EXPECT_THAT(history_text(history), HasSubstr("left out: " + history.runs[1].folder.string()));
  EXPECT_THAT(history_text(history), HasSubstr("2 runs, 0 of them INVALID, 0 not read, 1 left out."));
  const fs::path samples = first / "cells" / "rt.mixed" / "samples.lgs";
  fs::resize_file(samples, fs::file_size(samples) - 1);
  EXPECT_EQ(read().runs[0].name, "copy") << "and not the one that is damaged";
}

TEST_F(Histories, LinksLeadFromThePageToEachRunsOwn) {
  const fs::path run = add(1, 20'000);
  add(2, 20'000);
  fs::create_directories(run / "report");
  write_text(run / "report" / "index.html", "page");
  const auto json = nlohmann::json::parse(history_json(read(), scratch_.path() / "history"));
  EXPECT_EQ(json["runs"][0]["page"], "../v01/report/index.html");
  EXPECT_TRUE(json["runs"][1]["page"].is_null());
  EXPECT_EQ(json["sets"][0]["series"][0]["points"][0]["figures"]["p50"], 20'000);
  EXPECT_EQ(json["sets"][0]["time_base"], "virtual");
}

}  // namespace
}  // namespace loopgate::history_test
