#include "stats/stats_run.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "base/digest.h"
#include "record/seal.h"
#include "record/testing/recorded_run.h"

namespace loopgate::stats_run_test {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::not_sent;
using testing::read_text;
using testing::RecordedRun;
using testing::ScratchFolder;
using testing::write_run;
using testing::write_samples;
using testing::write_text;

// As who alters it with care does.
std::string sealed_again(json outcome) {
  outcome.erase("sha256");
  return with_seal(outcome.dump(2));
}

class StatsRun : public ::testing::Test {
 protected:
  RecordedRun two_kernels() const {
    RecordedRun run;
    run.cells = {{"generic", "mixed", {90'000, 2'500'000, not_sent, not_sent, 80'000}},
                 {"preempt-rt", "mixed", {20'000, 21'000, 22'000, 23'000, 24'000}},
                 {"generic", "mixed", {70'000, 60'000, 50'000, 40'000, 30'000}, "measured", "", 2},
                 {"preempt-rt", "mixed", {20'000, 21'000, 22'000, 23'000, 24'000}, "measured", "", 2}};
    return run;
  }
  std::filesystem::path cell(const std::string& name) const { return dir() / "cells" / name; }
  const std::filesystem::path& dir() const { return scratch_.path(); }
  json load(const std::filesystem::path& path) const { return json::parse(read_text(path)); }

  // The only cell of generic after `damage` was done to it: its outcome and reason.
  template <class Damage>
  UnmeasuredCell damaged(const Damage& damage) {
    RecordedRun run;
    run.cells = {{"generic", "mixed", {1'000, 2'000}}, {"preempt-rt", "mixed", {1'000, 2'000}}};
    write_run(dir(), run);
    damage(cell("generic.mixed"));
    const auto statistics = compute_run_statistics(dir());
    EXPECT_TRUE(statistics);
    if (!statistics || statistics->groups.at(0).invalid.size() != 1) return {"", "", "not invalid"};
    EXPECT_EQ(statistics->groups[0].summary.counts.count, 0U);
    EXPECT_EQ(statistics->groups.at(1).summary.counts.count, 2U);  // the other one is not lost
    EXPECT_FALSE(std::filesystem::exists(cell("generic.mixed") / "summary.json"));
    const bool told = unreadable_cells(*statistics) == std::vector<std::string>{"generic.mixed"};
    EXPECT_EQ(statistics->groups[0].invalid[0].unreadable, told);
    return statistics->groups[0].invalid[0];
  }

 private:
  ScratchFolder scratch_;
};

TEST_F(StatsRun, WritesASummaryOfEachCell) {
  write_run(dir(), two_kernels());
  ASSERT_TRUE(compute_run_statistics(dir()));
  const json summary = load(cell("generic.mixed") / "summary.json");
  EXPECT_EQ(summary["format"], 1);
  EXPECT_EQ(summary["cell"], "generic.mixed");
  EXPECT_EQ(summary["time_base"], "virtual");
  EXPECT_EQ(summary["scheduled"], 5);
  EXPECT_EQ(summary["count"], 3);
  EXPECT_EQ(summary["late"], 1);
  EXPECT_EQ(summary["not_sent"], 2);
  EXPECT_EQ(summary["warm_up"], 1);
  EXPECT_EQ(summary["self_checks"], 2);
  EXPECT_TRUE(summary["latency_ns"]["p50"].is_null()) << "3 answers resolve no median";
  EXPECT_EQ(summary["latency_ns"]["max"], 2'500'000);
  EXPECT_EQ(summary["latency_ns"]["jitter"], 2'420'000);
  EXPECT_EQ(summary["latency_with_not_sent_ns"]["p50"], 500'000);
  EXPECT_EQ(summary["worst"][0]["latency_ns"], 2'500'000);
  EXPECT_EQ(summary["samples_sha256"], *sha256_of_file(cell("generic.mixed") / "samples.lgs"));
}

TEST_F(StatsRun, PoolsRepetitions) {
  write_run(dir(), two_kernels());
  const auto statistics = compute_run_statistics(dir());
  ASSERT_TRUE(statistics) << to_text(statistics.error());
  const json comparison = load(dir() / "comparison.json");
  ASSERT_EQ(comparison["groups"].size(), 2U);
  EXPECT_EQ(comparison["groups"][0]["kernel"], "generic");
  EXPECT_THAT(comparison["groups"][0]["cells"], ElementsAre("generic.mixed", "generic.mixed.2"));
  EXPECT_EQ(comparison["groups"][0]["count"], 8);
  EXPECT_EQ(comparison["groups"][0]["latency_ns"]["min"], 30'000);
  EXPECT_EQ(comparison["groups"][0]["worst"][1]["cell"], "generic.mixed");
  EXPECT_EQ(comparison["groups"][0]["worst"][3]["cell"], "generic.mixed.2");
  EXPECT_EQ(statistics->groups[0].pooled->total(), 10U);
}

TEST_F(StatsRun, WritesTheDistribution) {
  write_run(dir(), two_kernels());
  ASSERT_TRUE(compute_run_statistics(dir()));
  const json distribution = load(dir() / "distribution.json");
  EXPECT_EQ(distribution["time_base"], "virtual");
  EXPECT_EQ(distribution["groups"][0]["exceedance"]["of"], 8);
  std::uint64_t count = 0;
  for (const json& bin : distribution["groups"][0]["histogram"]["count"]) count += bin.get<std::uint64_t>();
  EXPECT_EQ(count, 8U);
}

TEST_F(StatsRun, ReadsBackItsComparison) {
  write_run(dir(), two_kernels());
  const auto statistics = compute_run_statistics(dir());
  const auto comparison = read_comparison(dir() / "comparison.json");
  ASSERT_TRUE(comparison) << to_text(comparison.error());
  EXPECT_EQ(comparison->groups.size(), 2U);
  EXPECT_EQ(comparison->board.sha256, "board-1");
  EXPECT_EQ(comparison->icount_shift, 0);
  EXPECT_EQ(comparison->loads[0].sha256, "load-1");
  const auto& group = comparison->groups[0].summary;
  EXPECT_EQ(group.counts.not_sent, 2U);
  EXPECT_EQ(group.latency->quantile, statistics->groups[0].summary.latency->quantile);
  EXPECT_EQ(group.latency->stddev, statistics->groups[0].summary.latency->stddev);
}

TEST_F(StatsRun, KeepsReplicatesApartOnBothClocks) {
  RecordedRun run = two_kernels();
  write_run(dir(), run);
  ASSERT_TRUE(compute_run_statistics(dir()));
  json in_virtual_time = load(dir() / "comparison.json")["groups"][0]["replicates"];
  for (json& each : in_virtual_time) {
    EXPECT_EQ(each["inputs_sha256"].get<std::string>().size(), 64U);
    each["inputs_sha256"] = "";  // equal inputs give equal samples on virtual time alone
    each.erase("samples_sha256");
  }
  run.time_base = "wall";
  run.board = "raspberry-pi-4b";
  run.cells.push_back({"generic", "mixed", {}, "invalid", "the board throttled", 3});
  run.cells.push_back({"preempt-rt", "mixed", {}, "invalid", "the board throttled", 3});
  write_run(dir(), run);
  const auto statistics = compute_run_statistics(dir());
  ASSERT_TRUE(statistics) << to_text(statistics.error());
  json group = load(dir() / "comparison.json")["groups"][0];
  for (json& each : group["replicates"]) each.erase("samples_sha256");  // its header names the time base
  ASSERT_EQ(group["replicates"].size(), 2U);                            // a throttled boot is no replicate
  EXPECT_EQ(group["replicates"], in_virtual_time);
  EXPECT_EQ(group["replicates"][0]["cell"], "generic.mixed");
  EXPECT_EQ(group["replicates"][0]["count"], 3);
  EXPECT_EQ(group["replicates"][0]["not_sent"], 2);
  EXPECT_EQ(group["replicates"][0]["latency_ns"]["max"], 2'500'000);
  EXPECT_EQ(group["replicates"][0]["latency_with_not_sent_ns"]["p50"], 500'000);
  EXPECT_EQ(group["replicates"][1]["cell"], "generic.mixed.2");
  EXPECT_EQ(group["replicates"][1]["latency_ns"]["max"], 70'000);
  EXPECT_EQ(statistics->groups[0].replicates[1].tail->total(), 5U);
  EXPECT_EQ(statistics->groups[1].replicates.size(), 2U);
}

TEST_F(StatsRun, ReadsBackReplicatesAndRefusesThoseThatDoNotFit) {
  RecordedRun run = two_kernels();
  run.time_base = "wall";
  write_run(dir(), run);
  ASSERT_TRUE(compute_run_statistics(dir()));
  const json good = load(dir() / "comparison.json");
  const auto read = parse_comparison(good.dump(), "c.json");
  ASSERT_TRUE(read) << to_text(read.error());
  ASSERT_EQ(read->groups[0].replicates.size(), 2U);
  EXPECT_EQ(read->groups[0].replicates[1].latency_with_not_sent->max, 70'000);
  const auto with = [&](const auto& change) {
    json changed = good;
    change(&changed["groups"][0]);
    const auto comparison = parse_comparison(changed.dump(), "c.json");
    return comparison ? std::string("accepted") : comparison.error().what;
  };
  EXPECT_EQ(with([](json*) {}), "accepted");
  EXPECT_THAT(with([](json* group) { (*group)["replicates"] = nullptr; }), HasSubstr("groups[0].replicates"));
  EXPECT_THAT(with([](json* group) { group->erase("replicates"); }), HasSubstr("groups[0].replicates"));
  EXPECT_THAT(with([](json* group) { (*group)["replicates"].erase(1); }),
              HasSubstr("replicates are not the cells that are measured"));
  EXPECT_THAT(with([](json* group) { (*group)["replicates"][1]["cell"] = "other"; }),
              HasSubstr("cell is none of the group's cells"));
  EXPECT_THAT(
      with([](json* group) { (*group)["replicates"][1]["cell"] = (*group)["replicates"][0]["cell"]; }),
      HasSubstr("replicates name a cell twice"));
  EXPECT_THAT(with([](json* group) { (*group)["replicates"][1]["scheduled"] = 6; }),
              HasSubstr("have not as many stimuli as the group"));
  EXPECT_THAT(with([](json* group) { (*group)["replicates"][1]["latency_ns"] = nullptr; }),
              HasSubstr("does not fit the count of samples"));
}

// Files from before the rule have a number there: the maximum under another name.
TEST_F(StatsRun, ReadsBackNoQuantileThatTheCountDoesNotResolve) {
  RecordedRun run = two_kernels();
  run.cells[0].latencies_ns.assign(40, 30'000);
  write_run(dir(), run);
  ASSERT_TRUE(compute_run_statistics(dir()));
  json old = load(dir() / "comparison.json");
  json& figures = old["groups"][0]["latency_ns"];
  EXPECT_EQ(figures["p90"], 30'000);
  EXPECT_TRUE(figures["p99"].is_null());
  figures["p99"] = 2'500'000;
  const auto read = parse_comparison(old.dump(), "c.json");
  ASSERT_TRUE(read) << to_text(read.error());
  EXPECT_EQ(read->groups[0].summary.latency->quantile[1], 30'000);
  EXPECT_FALSE(read->groups[0].summary.latency->quantile[2]);
  figures["p90"] = nullptr;
  const auto lacking = parse_comparison(old.dump(), "c.json");
  ASSERT_FALSE(lacking);
  EXPECT_THAT(lacking.error().what, HasSubstr("groups[0].latency_ns.p90"));
}

TEST_F(StatsRun, TellsWhetherItDriftsAndReadsThatBack) {
  RecordedRun run = two_kernels();
  run.cells[0].latencies_ns.assign(2'000, 30'000);
  std::fill_n(run.cells[0].latencies_ns.begin(), 900, 90'000);
  run.cells.resize(1);
  write_run(dir(), run);
  ASSERT_TRUE(compute_run_statistics(dir()));
  json file = load(dir() / "comparison.json");
  json& told = file["groups"][0]["stationarity"];
  EXPECT_EQ(told["result"], "drifts");
  EXPECT_EQ(told["blocks"]["share_above"].size(), course_blocks);
  EXPECT_EQ(told["blocks"]["median_ns"][0], 90'000.0);
  auto read = parse_comparison(file.dump(), "c.json");
  ASSERT_TRUE(read) << to_text(read.error());
  EXPECT_EQ(read->groups[0].stationarity.result, Steadiness::drifts);
  EXPECT_EQ(read->groups[0].stationarity.says, told["says"].get<std::string>());
  told["result"] = "maybe";
  EXPECT_FALSE(parse_comparison(file.dump(), "c.json"));
  file["groups"][0].erase("stationarity");
  read = parse_comparison(file.dump(), "c.json");
  ASSERT_TRUE(read) << "older files have none";
  EXPECT_EQ(read->groups[0].stationarity.result, Steadiness::not_tested);
}

TEST_F(StatsRun, KeepsWhatTheRunWasMadeWith) {
  write_run(dir(), two_kernels());
  json run = load(dir() / "run.json");
  const auto made_with = [&] {
    write_text(dir() / "run.json", run.dump());
    EXPECT_TRUE(compute_run_statistics(dir()));
    const auto comparison = read_comparison(dir() / "comparison.json");
    EXPECT_TRUE(comparison) << to_text(comparison.error());
    return comparison ? comparison->made_with : Provenance{};
  };
  EXPECT_EQ(made_with().qemu, "10.0.2");
  EXPECT_EQ(made_with().instrument_sha256, "instrument-1");
  EXPECT_EQ(made_with().base_sha256, "base-1");
  EXPECT_TRUE(made_with().payload_files && made_with().payload_files->empty());
  run["machine"]["qemu"] = "10.1.0";
  run["target"]["programs_sha256"] = "programs-1";
  run["payload_files"] = {{{"key", "model"}, {"file", "m.onnx"}, {"sha256", "model-1"}}};
  const Provenance known = made_with();
  EXPECT_EQ(known.qemu, "10.1.0");
  EXPECT_EQ(known.programs_sha256, "programs-1");
  ASSERT_TRUE(known.payload_files && known.payload_files->size() == 1);
  EXPECT_EQ(known.payload_files->front().name, "model");
  EXPECT_EQ(known.payload_files->front().sha256, "model-1");
}

TEST_F(StatsRun, EveryTruncationOfAComparisonIsRefused) {
  RecordedRun run;
  run.cells = {{"generic", "mixed", {1'000}}};
  write_run(dir(), run);
  ASSERT_TRUE(compute_run_statistics(dir()));
  const std::string text = read_text(dir() / "comparison.json");
  ASSERT_TRUE(parse_comparison(text, "c.json"));
  for (std::size_t size = 0; size + 2 < text.size(); ++size) {
    const auto comparison = parse_comparison(text.substr(0, size), "c.json");
    ASSERT_FALSE(comparison) << size;
    ASSERT_EQ(comparison.error().kind, ErrorKind::data);
  }
}

TEST_F(StatsRun, AnUnfinishedCellIsMissingAndNeverAbsent) {
  RecordedRun run;
  run.cells = {{"generic", "mixed", {1'000, 2'000}}, {"generic", "mixed", {1'000, 2'000}, "missing", "", 2}};
  write_run(dir(), run);
  const auto statistics = compute_run_statistics(dir());
  ASSERT_TRUE(statistics);
  const GroupEvidence& group = statistics->groups[0];
  ASSERT_EQ(group.invalid.size(), 1U);
  EXPECT_EQ(group.invalid[0].cell, "generic.mixed.2");
  EXPECT_EQ(group.invalid[0].outcome, "missing");
  EXPECT_EQ(group.summary.counts.count, 2U);
}

TEST_F(StatsRun, KeepsWhoseFaultItWas) {
  RecordedRun run;
  run.samples = 2;
  run.cells = {{"generic", "mixed", {}, "kernel_failed", "the kernel panicked"},
               {"preempt-rt", "mixed", {}, "invalid", "the load did not run"}};
  write_run(dir(), run);
  const auto statistics = compute_run_statistics(dir());
  ASSERT_TRUE(statistics);
  EXPECT_TRUE(statistics->groups[0].invalid[0].kernel_failed());
  EXPECT_EQ(statistics->groups[0].invalid[0].reason, "the kernel panicked");
  EXPECT_EQ(statistics->groups[1].invalid[0].outcome, "invalid");
  EXPECT_TRUE(load(dir() / "comparison.json")["groups"][0]["latency_ns"].is_null());
}

// A board whose bench was not looked at after its candidates may be broken itself.
TEST_F(StatsRun, BlamesNoKernelOfABoardBeforeItsBenchWasLookedAtAgain) {
  RecordedRun run;
  run.samples = 2;
  run.time_base = "wall";
  run.cells = {{"generic", "mixed", {}, "kernel_failed", "the kernel panicked"}};
  write_run(dir(), run);
  EXPECT_TRUE(run_statistics(dir())->groups[0].invalid[0].kernel_failed());
  std::filesystem::remove_all(dir() / "health");
  const auto refused = run_statistics(dir());
  ASSERT_TRUE(refused) << refused.error().what;
  EXPECT_FALSE(refused->groups[0].invalid[0].kernel_failed());
  EXPECT_THAT(refused->groups[0].invalid[0].reason, HasSubstr("the bench was not checked again afterwards"));
}

// A bundle is judged elsewhere, and what an outcome.json says is there as it is here.
TEST_F(StatsRun, WhatAnOutcomeSaysIsTakenAsItIs) {
  const std::string says = (cell("preempt-rt.mixed") / "samples.lgs").string() + ": was cut off";
  RecordedRun run;
  run.samples = 2;
  run.cells = {{"preempt-rt", "mixed", {}, "invalid", says}};
  write_run(dir(), run);
  const auto statistics = compute_run_statistics(dir());
  ASSERT_TRUE(statistics);
  EXPECT_EQ(statistics->groups[0].invalid[0].reason, says);
}

TEST_F(StatsRun, AlteredSamplesAreInvalid) {
  const UnmeasuredCell cell = damaged([](const auto& folder) {
    std::string bytes = read_text(folder / "samples.lgs");
    bytes[64 + 3 * 32 + 16] = static_cast<char>(bytes[64 + 3 * 32 + 16] ^ 1);  // one bit of one response
    write_text(folder / "samples.lgs", bytes);
  });
  EXPECT_EQ(cell.outcome, "invalid");
  EXPECT_THAT(cell.reason, HasSubstr("samples.lgs was altered"));
  EXPECT_THAT(cell.reason, ::testing::StartsWith("cells/"))
      << "a bundle of it is judged elsewhere, to the same words";
}

// It says that load, tuning and kernel were as asked for.
TEST_F(StatsRun, EvidenceThatIsAlteredOrGoneIsInvalid) {
  EXPECT_THAT(damaged([](const auto& f) { write_text(f / "evidence.json", "{ }"); }).reason,
              HasSubstr("evidence.json was altered: its sha256 is not the one in outcome.json"));
  EXPECT_THAT(damaged([](const auto& f) { std::filesystem::remove(f / "evidence.json"); }).reason,
              HasSubstr("evidence.json: is gone, and outcome.json has its digest"));
}

TEST_F(StatsRun, MissingAndDamagedFilesAreInvalidByName) {
  EXPECT_THAT(damaged([](const auto& f) { std::filesystem::remove(f / "samples.lgs"); }).reason,
              HasSubstr("samples.lgs: cannot be read"));
  EXPECT_THAT(damaged([](const auto& f) { write_text(f / "outcome.json", "{\"format\": 4, "); }).reason,
              HasSubstr("outcome.json: is no JSON object"));
  EXPECT_THAT(damaged([](const auto& f) { write_text(f / "outcome.json", "{\"format\": 4}"); }).reason,
              HasSubstr("outcome.json: cell is missing"));
  EXPECT_THAT(damaged([](const auto& f) { std::filesystem::remove(f / "outcome.json"); }).outcome, "missing");
}

// A cell that was copied from a run with another kernel, base image or instrument, or of another day. The
// other cells are judged all the same.
TEST_F(StatsRun, WhatIsDamagedIsUnreadableAndWhatIsUnfinishedOrFailedIsNot) {
  EXPECT_TRUE(damaged([](const auto& f) { write_text(f / "samples.lgs", "LGS"); }).unreadable);
  EXPECT_TRUE(damaged([](const auto& f) { write_text(f / "outcome.json", "{"); }).unreadable);
  EXPECT_FALSE(damaged([](const auto& f) { std::filesystem::remove(f / "outcome.json"); }).unreadable);
  RecordedRun run;
  run.cells = {{"generic", "mixed", {}, "kernel_failed", "the kernel panicked"},
               {"preempt-rt", "mixed", {}, "invalid", "the load did not run"}};
  write_run(dir(), run);
  EXPECT_THAT(unreadable_cells(*run_statistics(dir())), ElementsAre());
}

TEST_F(StatsRun, ACellOfAnotherRunIsInvalid) {
  const auto cells = [&] { return dir() / "cells" / "generic.mixed"; };
  const auto copied_from = [&](const auto& change) {
    RecordedRun other = two_kernels();
    change(&other);
    const testing::ScratchFolder elsewhere;
    write_run(elsewhere.path(), other);
    write_run(dir(), two_kernels());
    std::filesystem::remove_all(cells());
    std::filesystem::copy(elsewhere.path() / "cells" / "generic.mixed", cells());
    const auto statistics = run_statistics(dir());
    EXPECT_TRUE(statistics);
    const GroupEvidence* group = find_group(*statistics, "generic", "mixed");
    return group->invalid.empty() ? std::string("accepted") : group->invalid.front().reason;
  };
  EXPECT_EQ(copied_from([](RecordedRun*) {}), "accepted");
  EXPECT_THAT(copied_from([](RecordedRun* r) { r->image_sha256 = "image-2"; }),
              HasSubstr("its image_sha256 is image-2, and run.json has image-1"));
  EXPECT_THAT(copied_from([](RecordedRun* r) { r->load_sha256 = "load-2"; }), HasSubstr("load_sha256"));
  EXPECT_THAT(copied_from([](RecordedRun* r) { r->base_sha256 = "base-2"; }), HasSubstr("base_sha256"));
  EXPECT_THAT(copied_from([](RecordedRun* r) { r->instrument_sha256 = "x"; }),
              HasSubstr("instrument_sha256"));
  EXPECT_THAT(copied_from([](RecordedRun* r) { r->suite = "inspection"; }),
              HasSubstr("its suite is inspection"));
  EXPECT_THAT(copied_from([](RecordedRun* r) { r->started = "yesterday"; }),
              HasSubstr("its started is yesterday"));
}

// One value of outcome.json is changed.
TEST_F(StatsRun, OutcomesThatContradictAreInvalid) {
  const auto with = [&](const char* key, const json& value) {
    return damaged([&](const auto& folder) {
             json outcome = json::parse(read_text(folder / "outcome.json"));
             outcome[key] = value;
             write_text(folder / "outcome.json", sealed_again(outcome));
           })
        .reason;
  };
  EXPECT_THAT(with("outcome", "fine"), HasSubstr("outcome must be measured, kernel_failed or invalid"));
  EXPECT_THAT(with("cell", "other.mixed"),
              HasSubstr("its cell is other.mixed, and run.json has generic.mixed"));
  EXPECT_THAT(with("artifacts", json::object()),
              HasSubstr("samples.lgs is missing, and the cell is measured"));
  EXPECT_THAT(with("time_base", "wall"), HasSubstr("its time_base is wall, and run.json has virtual"));
  EXPECT_THAT(with("self_check", {{"passed", false}, {"checks", json::array()}}),
              HasSubstr("self-check did not pass"));
  EXPECT_THAT(with("self_check", nullptr), HasSubstr("self_check must be an object"));
}

// Whole and with the right sha256, and yet not what was planned.
TEST_F(StatsRun, SamplesOfAnotherPlanAreInvalid) {
  const auto with = [&](const SampleFile& file) {
    return damaged([&](const auto& folder) {
             write_samples(folder / "samples.lgs", file);
             json outcome = json::parse(read_text(folder / "outcome.json"));
             outcome["artifacts"]["samples.lgs"]["sha256"] = *sha256_of_file(folder / "samples.lgs");
             write_text(folder / "outcome.json", sealed_again(outcome));
           })
        .reason;
  };
  EXPECT_EQ(with(testing::make_samples({1'000, 2'000}, 1)), "not invalid");
  EXPECT_THAT(with(testing::make_samples({1'000, 2'000}, 2)), HasSubstr("has the seed 2, and the plan 1"));
  EXPECT_THAT(with(testing::make_samples({1'000}, 1)), HasSubstr("has 1 counted stimuli, and the plan 2"));
  SampleFile file = testing::make_samples({1'000, 2'000}, 1);
  file.header.time_base = TimeBase::wall_clock;
  EXPECT_THAT(with(file), HasSubstr("is of wall time, and the run of virtual time"));
  file = testing::make_samples({1'000, 2'000}, 1);
  file.header.deadline_ns += 1;
  EXPECT_THAT(with(file), HasSubstr("has a deadline of 1000001 ns"));
  file = testing::make_samples({1'000, 2'000}, 1);
  file.header.records_planned += 1;
  EXPECT_THAT(with(file), HasSubstr("has 5 of 6 planned records"));
}

TEST_F(StatsRun, RemovesTheSummaryOfACellThatIsNoLongerMeasured) {
  write_run(dir(), two_kernels());
  ASSERT_TRUE(compute_run_statistics(dir()));
  ASSERT_TRUE(std::filesystem::exists(cell("generic.mixed") / "summary.json"));
  std::filesystem::remove(cell("generic.mixed") / "outcome.json");
  ASSERT_TRUE(compute_run_statistics(dir()));
  EXPECT_FALSE(std::filesystem::exists(cell("generic.mixed") / "summary.json"));
}

TEST_F(StatsRun, AFullDiskOrAReadOnlyRunIsSaid) {
  write_run(dir(), two_kernels());
  std::filesystem::create_directories(dir() / "comparison.json");  // a folder where the file shall go
  const auto statistics = compute_run_statistics(dir());
  ASSERT_FALSE(statistics);
  EXPECT_EQ(statistics.error().kind, ErrorKind::infrastructure);
  EXPECT_THAT(statistics.error().what,
              HasSubstr("comparison.json: is an earlier answer, and can't be removed"));
}

TEST_F(StatsRun, RefusesADamagedRunJson) {
  EXPECT_THAT(run_statistics(dir()).error().what, HasSubstr("is no run: it has no run.json"));
  EXPECT_EQ(run_statistics(dir()).error().kind, ErrorKind::usage);
  write_run(dir(), two_kernels());
  const std::string good = read_text(dir() / "run.json");
  const auto with = [&](const auto& change) {
    json run = json::parse(good);
    change(&run);
    write_text(dir() / "run.json", run.dump());
    const auto statistics = run_statistics(dir());
    if (statistics) return std::string("accepted");
    EXPECT_EQ(statistics.error().kind, ErrorKind::data);
    return statistics.error().what;
  };
  EXPECT_EQ(with([](json*) {}), "accepted");
  EXPECT_THAT(with([](json* run) { (*run)["cells"] = json::array(); }), HasSubstr("cells is empty"));
  EXPECT_THAT(with([](json* run) { (*run)["cells"][0]["cell"] = "../../etc"; }),
              HasSubstr("cells[0].cell is no plain name"));
  EXPECT_THAT(with([](json* run) { (*run)["cells"][1]["cell"] = (*run)["cells"][0]["cell"]; }),
              HasSubstr("generic.mixed stands there twice"));
  EXPECT_THAT(with([](json* run) { (*run)["cells"][0]["kernel"] = "x"; }),
              HasSubstr("none of this run's kernels"));
  EXPECT_THAT(with([](json* run) { (*run)["cells"][0]["load"] = "x"; }),
              HasSubstr("none of this run's loads"));
  EXPECT_EQ(with([](json* run) {
              for (json& cell : (*run)["cells"]) cell["boot"] = cell["cell"];
            }),
            "accepted");
  EXPECT_THAT(with([](json* run) { (*run)["cells"][0]["boot"] = (*run)["cells"][2]["boot"] = "generic.1"; }),
              HasSubstr("cells[2].boot is generic.1, as of another repetition: they are no two replicates"));
  EXPECT_THAT(with([](json* run) { (*run)["time_base"] = "cpu"; }),
              HasSubstr("time_base must be virtual or wall"));
  EXPECT_THAT(with([](json* run) { (*run)["interval_ns"] = {1}; }),
              HasSubstr("interval_ns must be two numbers"));
  EXPECT_THAT(with([](json* run) { run->erase("suite"); }), HasSubstr("run.json: suite is missing"));
  for (std::size_t size = 0; size + 1 < good.size(); size += 7) {  // its last end of line may be missing
    write_text(dir() / "run.json", good.substr(0, size));
    ASSERT_FALSE(run_statistics(dir())) << size;
  }
}

}  // namespace
}  // namespace loopgate::stats_run_test
