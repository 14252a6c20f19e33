#include "gate/calibration_check.h"

#include <gmock/gmock.h>

#include "gate/testing/made_up_run.h"

namespace loopgate::calibration_check_test {
namespace {

using ::testing::HasSubstr;

class CalibrationCheck : public ::testing::Test {
 protected:
  CalibrationCheck() {
    run_ = testing::make_virtual_statistics({{"a", "mixed", {{20'000, 20'000}, {20'000, 20'000}}}});
    run_.samples = 2;
    run_.made_with = {"10.0.2", "instrument", "base", "programs", {}};
    calibration_.policy = {policy_.file, policy_.sha256, policy_.title};
    calibration_.suite = run_.suite;
    calibration_.board = run_.board;
    calibration_.loads = run_.loads;
    calibration_.kernels = {{"a", "file", "image"}};
    calibration_.made_with = run_.made_with;
    calibration_.variants = 8;
    calibration_.replicates = 2;
    calibration_.drawn_replicates = 2;
    calibration_.samples = 2;
    calibration_.draws.fail = {0, 2'000, 0, 0.0014967};
    calibration_.draws.pass = {1'850, 2'000, 0.9146, 1};
  }

  std::string refusal(bool has_baseline = true) const {
    const Status fits = check_calibration(calibration_, "runs/c", run_, policy_, has_baseline);
    if (fits) return "accepted";
    EXPECT_EQ(fits.error().kind, ErrorKind::usage);
    EXPECT_THAT(fits.error().next_step, HasSubstr("--calibration"));
    return fits.error().what;
  }

  Policy policy_ = testing::make_policy(
      "[[baseline]]\nkernel = \"a\"\nload = \"mixed\"\nquantity = \"p50\"\nmax_ratio = 1.01\n");
  Comparison run_;
  Calibration calibration_;
};

TEST_F(CalibrationCheck, TakesThatOfTheSameGate) {
  EXPECT_EQ(refusal(), "accepted");
  run_.probe = "ebpf";  // its own cost is in the latencies
  EXPECT_THAT(refusal(), HasSubstr("the calibration's probe in the kernel is none, and this run's is ebpf"));
  run_.probe = "";
  run_.samples = 3;  // more break a maximum more often
  EXPECT_THAT(refusal(), HasSubstr("a cell has 3 stimuli in this run, and the calibration's had 2"));
}

TEST_F(CalibrationCheck, NamesWhatDiffersWithBothValues) {
  const Calibration sound = calibration_;
  const auto after = [&](const auto& change) {
    calibration_ = sound;
    change(&calibration_);
    return refusal();
  };
  EXPECT_THAT(
      after([](Calibration* c) { c->policy.sha256 = "0123456789abcdef"; }),
      HasSubstr("runs/c: the calibration's policy is p.toml (0123456789ab), and this run's is p.toml ("));
  EXPECT_THAT(after([](Calibration* c) { c->suite.sha256 = "other"; }), HasSubstr("calibration's suite is"));
  EXPECT_THAT(after([](Calibration* c) { c->board.name = "other"; }),
              HasSubstr("calibration's board is other"));
  EXPECT_THAT(after([](Calibration* c) { c->time_base = TimeBase::wall_clock; }),
              HasSubstr("time base is wall"));
  EXPECT_THAT(after([](Calibration* c) { c->made_with.qemu = "9"; }),
              HasSubstr("QEMU is 9, and this run's is 10.0.2"));
  EXPECT_THAT(after([](Calibration* c) { c->made_with.instrument_sha256 = ""; }),
              HasSubstr("instrument's digest is not recorded"));
  EXPECT_THAT(after([](Calibration* c) { c->made_with.base_sha256 = "x"; }),
              HasSubstr("base image's digest"));
  EXPECT_THAT(after([](Calibration* c) { c->loads[0].sha256 = "x"; }), HasSubstr("load is mixed (x)"));
  EXPECT_THAT(after([](Calibration* c) { c->kernels[0].name = "z"; }),
              HasSubstr("kernel a under load mixed was not calibrated"));
  EXPECT_THAT(after([](Calibration* c) { c->drawn_replicates = 3; }),
              HasSubstr("has 2 replicates in this run, and the calibration's drawn runs had 3"));
  EXPECT_THAT(after([](Calibration* c) { c->samples = 1'250; }),
              HasSubstr("2 stimuli in this run, and the calibration's had 1,250"));
}

TEST_F(CalibrationCheck, WantsTheBaselineThatWasCalibrated) {
  EXPECT_THAT(refusal(false), HasSubstr("judge nothing without a baseline"));
}

TEST_F(CalibrationCheck, AnotherBuildOfAKernelIsWhatIsGated) {
  calibration_.kernels[0].image_sha256 = "another";
  EXPECT_EQ(refusal(), "accepted");
}

TEST_F(CalibrationCheck, TheLineHasTheWorstAndTheBestBoundOfEachRegression) {
  EXPECT_EQ(error_rates_text(calibration_),
            "this gate: false alarms at most 0.2 % (0 of 2,000 draws of 2 from 16 replicates), PASS in at "
            "least 91.4 % "
            "where nothing is worse, has no rule that could find a latency that grows");
  calibration_.found = {{"p50_up_2_percent", "a", "mixed", 195, {2'000, 2'000, 0.9985, 1}},
                        {"p50_up_2_percent", "b", "mixed", 195, {1'990, 2'000, 0.9923, 1}},
                        {"slowest_up_10_percent", "a", "mixed", 9, {1'945, 2'000, 0.9658, 1}},
                        {"delayed_2_percent", "a", "mixed", 9, {1'960, 2'000, 0.97, 1}}};
  EXPECT_THAT(error_rates_text(calibration_),
              HasSubstr("worse, finds +2 % of p50 in at least 99.2 % (b) to 99.8 % (a), +10 % of p99 (the "
                        "slowest 2 %) in at least "
                        "96.5 %, +10 % of p99 (a random 2 %) in at least 97 %"));
  EXPECT_THAT(not_calibrated_text("s", "p.toml"), HasSubstr("loopgate calibrate s --policy p.toml"));
}

TEST(Bounds, AreRoundedAwayFromWhatWasSeen) {
  EXPECT_EQ(at_most_text(0.0014967), "at most 0.2 %");
  EXPECT_EQ(at_most_text(0.01), "at most 1 %");
  EXPECT_EQ(at_most_text(1), "at most 100 %");
  EXPECT_EQ(at_least_text(0.9985033), "at least 99.8 %");
  EXPECT_EQ(at_least_text(0), "at least 0 %");
}

}  // namespace
}  // namespace loopgate::calibration_check_test
