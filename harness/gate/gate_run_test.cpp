// The gate on run directories: what a CI job does.
#include "gate/gate_run.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "gate/testing/made_up_run.h"
#include "record/testing/recorded_run.h"
#include "stats/stats_run.h"

namespace loopgate::gate_run_test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::read_text;
using testing::RecordedRun;
using testing::write_run;
using testing::write_text;

class GateRun : public ::testing::Test {
 protected:
  void SetUp() override {
    run_.cells = {{"rt", "mixed", {20'000, 30'000}}};
    write_run(run(), run_);
    write_text(policy(),
               std::string(testing::policy_head) + "[[budget]]\nkernel = \"*\"\nload = \"*\"\nmax_us = 30\n");
    write_text(baseline_policy(), std::string(testing::policy_head) +
                                      "[[baseline]]\nkernel = \"*\"\nload = \"*\"\nquantity = \"max\"\n"
                                      "max_ratio = 1.0\n");
  }
  fs::path run() const { return scratch_.path() / "run"; }
  fs::path other() const { return scratch_.path() / "other"; }
  fs::path policy() const { return scratch_.path() / "release.toml"; }
  fs::path baseline_policy() const { return scratch_.path() / "baseline.toml"; }

  fs::path scratch(const char* name) const { return scratch_.path() / name; }

  VerdictKind gate() const {
    const auto result = gate_run({run(), policy(), {}, {}});
    EXPECT_TRUE(result) << to_text(result.error());
    return result ? result->verdict.verdict : VerdictKind::not_gated;
  }

  RecordedRun run_;

 private:
  testing::ScratchFolder scratch_;
};

TEST_F(GateRun, WritesTheVerdictsFiles) {
  EXPECT_EQ(gate(), VerdictKind::pass);
  EXPECT_EQ(nlohmann::json::parse(read_text(run() / "verdict.json"))["verdict"], "PASS");
  EXPECT_THAT(read_text(run() / "junit.xml"), HasSubstr("<testsuite name=\"rt.mixed\""));
  EXPECT_THAT(read_text(run() / "verdict.md"), HasSubstr("## PASS: t"));
}

TEST_F(GateRun, JudgesTheRawSamplesAndNotDerivedFiles) {
  ASSERT_TRUE(compute_run_statistics(run()));
  run_.cells[0].latencies_ns = {20'000, 30'001};
  write_run(run(), run_);  // comparison.json is still the old one's
  EXPECT_EQ(gate(), VerdictKind::fail);
}

TEST_F(GateRun, AlteredTruncatedOrMissingSamplesNeverPass) {
  const fs::path samples = run() / "cells" / "rt.mixed" / "samples.lgs";
  const std::string bytes = read_text(samples);
  std::string altered = bytes;
  altered.back() = static_cast<char>(altered.back() ^ 1);
  for (const std::string& text : {altered, bytes.substr(0, bytes.size() - 32), std::string()}) {
    write_text(samples, text);
    EXPECT_EQ(gate(), VerdictKind::invalid);
  }
  fs::remove(samples);
  EXPECT_EQ(gate(), VerdictKind::invalid);
  fs::remove(run() / "cells" / "rt.mixed" / "outcome.json");
  EXPECT_EQ(gate(), VerdictKind::invalid);
  fs::remove_all(run() / "cells");
  EXPECT_EQ(gate(), VerdictKind::invalid);
}

// Of whatever kind: it asked nothing, and changes nothing.
TEST_F(GateRun, AMistakeOfTheUsersLeavesTheEarlierVerdict) {
  write_text(other(), "title = 3\n");
  const std::vector<GateRequest> requests = {{run(), baseline_policy(), "/nowhere/run", {}},
                                             {run(), policy(), {}, "/nowhere/run"},
                                             {run(), "/nowhere/policy.toml", {}, {}},
                                             {run(), other(), {}, {}},
                                             {run(), baseline_policy(), {}, {}},
                                             {run(), baseline_policy(), run(), {}}};
  ASSERT_EQ(gate(), VerdictKind::pass);
  fs::create_directory(run() / "report");
  write_text(run() / "report" / "index.html", "PASS");
  const auto contents = [&] {
    std::string text = read_text(run() / "report" / "index.html");
    for (const char* name : {"verdict.json", "junit.xml", "verdict.md"}) text += read_text(run() / name);
    return text;
  };
  const std::string earlier = contents();
  for (const GateRequest& request : requests) {
    const auto judged = gate_run(request);
    ASSERT_FALSE(judged) << request.policy;
    EXPECT_EQ(judged.error().kind, ErrorKind::usage);
    EXPECT_NE(judged.error().next_step, "") << judged.error().what;
    EXPECT_EQ(contents(), earlier) << request.policy;
  }
}

TEST_F(GateRun, NoOldVerdictOutlivesADamagedRun) {
  ASSERT_EQ(gate(), VerdictKind::pass);
  fs::create_directory(run() / "report");
  write_text(run() / "report" / "index.html", "PASS");
  write_text(run() / "run.json", "{");
  ASSERT_FALSE(gate_run({run(), policy(), {}, {}}));
  EXPECT_FALSE(fs::exists(run() / "verdict.json"));
  EXPECT_FALSE(fs::exists(run() / "report"));
}

TEST_F(GateRun, AnOldVerdictThatCannotBeRemovedIsAnError) {
  fs::create_directories(run() / "verdict.json");
  const auto result = gate_run({run(), policy(), {}, {}});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::infrastructure);
  EXPECT_FALSE(fs::exists(run() / "junit.xml"));
}

TEST_F(GateRun, ADamagedRunIsADataError) {
  write_text(run() / "run.json", "{");
  const auto result = gate_run({run(), policy(), {}, {}});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::data);
  EXPECT_THAT(result.error().what, HasSubstr("run.json"));
}

// One that is below the budget would pass where the run fails.
TEST_F(GateRun, OneReplicateOfSeveralIsNoRun) {
  auto record = nlohmann::json::parse(read_text(run() / "run.json"));
  record["repeat"] = 3;
  record["repetition"] = 1;
  write_text(run() / "run.json", record.dump());
  const auto result = gate_run({run(), policy(), {}, {}});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::usage);
  EXPECT_THAT(result.error().what, HasSubstr("holds replicate 1 of 3 alone (--repetition)"));
}

TEST_F(GateRun, ARunIsNotItsOwnBaseline) {
  ASSERT_TRUE(compute_run_statistics(run()));
  fs::create_directory_symlink(run(), other());
  fs::create_symlink(run() / "comparison.json", scratch("link.json"));
  for (const fs::path& baseline : {run(), other(), run() / ".." / "run", run() / "comparison.json",
                                   other() / "comparison.json", scratch("link.json")}) {
    const auto result = gate_run({run(), baseline_policy(), baseline, {}});
    ASSERT_FALSE(result) << baseline;
    EXPECT_EQ(result.error().kind, ErrorKind::usage);
    EXPECT_THAT(result.error().what, HasSubstr("the baseline is this very run"));
    EXPECT_THAT(result.error().next_step, HasSubstr("an earlier run"));
  }
}

TEST_F(GateRun, SaysThatABaselineHasTheVerySamples) {
  fs::copy(run(), other(), fs::copy_options::recursive);
  const auto result = gate_run({run(), baseline_policy(), other(), {}});
  ASSERT_TRUE(result) << to_text(result.error());
  EXPECT_EQ(result->verdict.verdict, VerdictKind::pass);
  const std::string says = "The baseline " + other().string() + " is equal to the byte";
  EXPECT_THAT(read_text(run() / "verdict.json"), HasSubstr(says));
  EXPECT_THAT(read_text(run() / "verdict.md"), HasSubstr("is equal to the byte"));
  run_.cells[0].latencies_ns = {20'000, 29'000};
  run_.image_sha256 = "image-2";
  write_run(run(), run_);
  ASSERT_TRUE(gate_run({run(), baseline_policy(), other(), {}}));
  EXPECT_THAT(read_text(run() / "verdict.json"), Not(HasSubstr("equal to the byte")));
}

TEST_F(GateRun, SaysWhatIsNoBaseline) {
  const auto refusal_of = [&](const fs::path& baseline) {
    const auto result = gate_run({run(), baseline_policy(), baseline, {}});
    if (result) return std::string("accepted");
    EXPECT_EQ(result.error().kind, ErrorKind::usage);
    EXPECT_THAT(result.error().next_step, HasSubstr("the folder of another run of this suite"));
    return result.error().what;
  };
  fs::create_directory(other());
  write_text(other() / "imported.json", "{}");
  EXPECT_THAT(refusal_of(other()), HasSubstr("other: holds imported.json: its figures are intervals"));
  write_text(scratch("export.csv"), "kernel,load,latency_ns\n");
  EXPECT_THAT(refusal_of(scratch("export.csv")), HasSubstr("export.csv: is no comparison.json: "));
  write_text(scratch("export.json"), "{\"file_version\": 1}");
  EXPECT_THAT(refusal_of(scratch("export.json")), HasSubstr("export.json: is no comparison.json: "));
  fs::create_directory(scratch("empty"));
  EXPECT_THAT(refusal_of(scratch("empty")), HasSubstr("it has neither run.json nor comparison.json"));
  EXPECT_THAT(refusal_of("/nowhere/run"), HasSubstr("/nowhere/run: there is no such baseline"));
}

TEST_F(GateRun, ABaselineCanBeAComparisonFileAlone) {
  run_.cells[0].latencies_ns = {20'000, 29'000};
  run_.image_sha256 = "image-2";
  write_run(other(), run_);
  ASSERT_TRUE(compute_run_statistics(other()));
  fs::remove_all(other() / "cells");
  fs::remove(other() / "run.json");
  for (const fs::path& baseline : {other(), other() / "comparison.json"}) {
    const auto result = gate_run({run(), baseline_policy(), baseline, {}});
    ASSERT_TRUE(result) << to_text(result.error());
    EXPECT_EQ(result->verdict.verdict, VerdictKind::inconclusive);  // one trajectory against another
    EXPECT_THAT(result->verdict.checks[0].why, HasSubstr("1 replicate against 1 of the baseline"));
  }
}

// Other samples of equal inputs: one of the two is no measurement of them.
TEST_F(GateRun, OfIdenticalInputsAndOtherSamplesIsInvalid) {
  write_run(other(), run_);
  EXPECT_EQ(gate_run({run(), baseline_policy(), other(), {}})->verdict.verdict, VerdictKind::pass);
  run_.cells[0].latencies_ns = {20'000, 29'000};
  write_run(other(), run_);
  const auto result = gate_run({run(), baseline_policy(), other(), {}});
  ASSERT_TRUE(result) << to_text(result.error());
  EXPECT_EQ(result->verdict.verdict, VerdictKind::invalid);
  EXPECT_THAT(result->verdict.checks[0].why, HasSubstr("the bench did not repeat"));
}

TEST_F(GateRun, RefusesAnotherLoadOrBoardAsBaseline) {
  run_.load_sha256 = "load-2";
  write_run(other(), run_);
  auto result = gate_run({run(), baseline_policy(), other(), {}});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::usage);
  EXPECT_THAT(result.error().what, HasSubstr("load mixed is defined as load-2, and this run's as load-1"));
  run_.load_sha256 = "load-1";
  run_.board = "pi";
  write_run(other(), run_);
  EXPECT_THAT(gate_run({run(), baseline_policy(), other(), {}}).error().what,
              HasSubstr("the baseline's board is pi"));
}

TEST_F(GateRun, HoldsTheOrderOnABoardAgainstThatInVirtualTime) {
  run_.cells = {{"generic", "mixed", {20'000, 90'000}}, {"rt", "mixed", {20'000, 30'000}}};
  write_run(other(), run_);
  run_.time_base = "wall";
  run_.board = "raspberry-pi-4b";
  run_.cells.clear();
  for (int boot = 1; boot <= 5; ++boot) {
    run_.cells.push_back({"generic", "mixed", {10'000, 20'000 + boot}, "measured", "", boot});
    run_.cells.push_back({"rt", "mixed", {10'000, 25'000 + boot}, "measured", "", boot});
  }
  write_run(run(), run_);
  write_text(policy(), std::string(testing::wall_policy_head) +
                           "[[budget]]\nkernel = \"*\"\nload = \"*\"\nmax_us = 30\n");
  const auto result = gate_run({run(), policy(), {}, other()});
  ASSERT_TRUE(result) << to_text(result.error());
  EXPECT_EQ(result->verdict.verdict, VerdictKind::pass) << "the order changes no verdict";
  const auto order = nlohmann::json::parse(read_text(run() / "verdict.json"))["order"];
  EXPECT_EQ(order["virtual_board"], "qemu-virt-arm64");
  ASSERT_EQ(order["orders"].size(), 1U) << "so few stimuli have no p99.9";
  EXPECT_EQ(order["orders"][0]["quantity"], "max");
  EXPECT_EQ(order["orders"][0]["virtual"][0]["kernel"], "rt");
  EXPECT_EQ(order["orders"][0]["board"][0]["kernel"], "generic");
  EXPECT_EQ(order["orders"][0]["board"][0]["ns"], 20'003);
  EXPECT_EQ(order["orders"][0]["agrees"], false);
  EXPECT_EQ(order["orders"][0]["swapped"][0]["beyond_chance"], true);
  EXPECT_THAT(read_text(run() / "verdict.md"), HasSubstr("DISAGREES: rt is faster than generic in virtual"));
  run_.cells[1].outcome = "kernel_failed";
  write_run(run(), run_);
  const auto failed = gate_run({run(), policy(), {}, other()});
  ASSERT_TRUE(failed) << "that there is no order must not hide that a kernel failed";
  EXPECT_EQ(failed->verdict.verdict, VerdictKind::fail);
  EXPECT_THAT(read_text(run() / "verdict.md"), HasSubstr("There is none: no two kernels"));
  const auto reversed = gate_run({other(), policy(), {}, run()});
  ASSERT_FALSE(reversed);
  EXPECT_EQ(reversed.error().kind, ErrorKind::usage);
  EXPECT_THAT(gate_run({run(), policy(), {}, "/nowhere/run"}).error().what,
              HasSubstr("there is no such virtual run"));
}

TEST_F(GateRun, NamesAMissingOrDamagedBaseline) {
  auto result = gate_run({run(), baseline_policy(), "/nowhere/run", {}});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::usage);
  EXPECT_THAT(result.error().what, HasSubstr("/nowhere/run: there is no such baseline"));
  write_text(other(), "{\"format\": 1, \"groups\"");
  result = gate_run({run(), baseline_policy(), other(), {}});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::usage) << "the file that was named is wrong";
  fs::remove(other());
  fs::create_directory(other());
  write_text(other() / "comparison.json", "{\"format\": 1, \"groups\"");
  result = gate_run({run(), baseline_policy(), other(), {}});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::data) << "a run's is damaged";
  result = gate_run({run(), baseline_policy(), other() / "comparison.json", {}});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::data)
      << "by its name it was meant, and CI must not go on without";
}

// A calibration of this run with this policy.
Calibration calibration_of(const fs::path& run, const fs::path& policy_file) {
  const RunRecord record = *read_run_record(run);
  const Policy policy = *read_policy(policy_file);
  Calibration calibration;
  calibration.policy = {policy.file, policy.sha256, policy.title};
  calibration.suite = record.suite;
  calibration.board = record.board;
  calibration.loads.assign(record.loads.begin(), record.loads.end());
  for (const KernelInput& kernel : record.kernels)
    calibration.kernels.push_back({kernel.name, kernel.sha256, kernel.image_sha256});
  calibration.made_with = provenance_of(record);
  calibration.variants = 2;
  calibration.replicates = 1;
  calibration.drawn_replicates = 1;
  calibration.samples = 2;
  const BoundedShare none{0, 100, 0, 0.0295}, all{100, 100, 0.9705, 1};
  calibration.draws = {100, "all ways", all, none, none, none};
  calibration.pairs = calibration.draws;
  calibration.found = {{"event_of_150_us", "rt", "mixed", 150'000, all}};
  return calibration;
}

TEST_F(GateRun, SaysInOneLineHowOftenItErrs) {
  EXPECT_EQ(gate(), VerdictKind::pass);
  const std::string unknown =
      "no calibration was given, so how often this gate errs is not said: loopgate calibrate irq-to-gpio "
      "--policy " +
      policy().string();
  EXPECT_THAT(read_text(run() / "verdict.json"), HasSubstr(unknown));
  Calibration calibration = calibration_of(run(), policy());
  fs::create_directory(other());
  write_text(other() / calibration_file, to_json(calibration));
  GateRequest request{run(), policy(), {}, {}, other()};
  const auto result = gate_run(request);
  ASSERT_TRUE(result) << to_text(result.error());
  EXPECT_EQ(result->verdict.verdict, VerdictKind::pass);
  const auto json = nlohmann::json::parse(read_text(run() / "verdict.json"));
  const std::string line =
      "this gate: false alarms at most 3 % (0 of 100 draws of 1 from 2 replicates), PASS in at least 97 % "
      "where nothing "
      "is worse, finds 150 us in 1 of 2,000 "
      "stimuli in "
      "at least 97 %";
  EXPECT_EQ(json["error_rates"], line);
  EXPECT_EQ(json["calibration"]["false_alarms"]["of"], 100);
  EXPECT_EQ(json["calibration"]["found"][0]["at_least"], 0.9705);
  EXPECT_EQ(json["calibration"]["found"][0]["label"], "150 us in 1 of 2,000 stimuli");
  EXPECT_THAT(read_text(run() / "junit.xml"), HasSubstr("<property name=\"error_rates\" value=\"" + line));
  EXPECT_THAT(read_text(run() / "verdict.md"), HasSubstr(line));
  calibration.policy.sha256 = "another";
  write_text(other() / calibration_file, to_json(calibration));
  const auto refused = gate_run(request);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::usage);
  EXPECT_TRUE(fs::exists(run() / "verdict.json")) << "of the call before";
  request.calibration = "/nowhere";
  EXPECT_THAT(gate_run(request).error().what, HasSubstr("/nowhere: there is no such calibration"));
}

}  // namespace
}  // namespace loopgate::gate_run_test
