// gate --export: which files it takes, and that none is left in part.
#include "gate/verdict_export.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "gate/gate_run.h"
#include "gate/testing/made_up_run.h"
#include "record/testing/recorded_run.h"

namespace loopgate::verdict_export_test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;
using testing::read_text;
using testing::write_text;

class VerdictExports : public ::testing::Test {
 protected:
  void SetUp() override {
    testing::RecordedRun recorded;
    recorded.cells = {{"rt", "mixed", {20'000, 30'000}}};
    write_run(run(), recorded);
    write_text(policy(),
               std::string(testing::policy_head) + "[[budget]]\nkernel = \"*\"\nload = \"*\"\nmax_us = 30\n");
  }
  fs::path run() const { return scratch("run"); }
  fs::path policy() const { return scratch("release.toml"); }
  fs::path scratch(const char* name) const { return scratch_.path() / name; }

  testing::ScratchFolder scratch_;
};

TEST_F(VerdictExports, ExportsStandWholeAndOutliveNoGateThatFailed) {
  GateRequest request{run(), policy(), {}, {}};
  const fs::path metrics = scratch("latency.om");
  const fs::path report = scratch("kcidb.json");
  request.exports.files = {{VerdictForm::openmetrics, metrics}, {VerdictForm::kcidb, report}};
  ASSERT_TRUE(gate_run(request));
  EXPECT_THAT(read_text(metrics), HasSubstr("# EOF\n"));
  EXPECT_EQ(nlohmann::json::parse(read_text(report))["version"]["major"], 5);
  request.policy = "/nowhere/policy.toml";  // asked nothing
  ASSERT_FALSE(gate_run(request));
  EXPECT_TRUE(fs::exists(metrics) && fs::exists(report));
  request.policy = policy();
  write_text(run() / "run.json", "{");
  ASSERT_FALSE(gate_run(request));
  EXPECT_FALSE(fs::exists(metrics) || fs::exists(report));
}

TEST_F(VerdictExports, OfFilesThatCannotAllBeWrittenNoneIsLeft) {
  GateRequest request{run(), policy(), {}, {}};
  request.exports.files = {{VerdictForm::openmetrics, scratch("latency.om")},
                           {VerdictForm::kcidb, "/nowhere/kcidb.json"}};
  ASSERT_FALSE(gate_run(request));
  EXPECT_FALSE(fs::exists(scratch("latency.om")) || fs::exists(run() / "verdict.json"));
}

TEST_F(VerdictExports, AnExportHasAPlaceOfItsOwn) {
  const auto refusal = [&](std::vector<VerdictExport> files, const char* origin = "lab_1") {
    const auto checked = check_exports({std::move(files), origin}, run());
    return checked ? std::string("accepted") : checked.error().what;
  };
  const fs::path metrics = scratch("latency.om");
  EXPECT_EQ(refusal({{VerdictForm::openmetrics, metrics}, {VerdictForm::kcidb, scratch("k")}}), "accepted");
  EXPECT_EQ(refusal({{VerdictForm::openmetrics, "/dev/stdout"}}), "accepted");
  EXPECT_THAT(refusal({{VerdictForm::openmetrics, metrics},
                       {VerdictForm::kcidb, scratch_.path() / "." / "latency.om"}}),
              HasSubstr("is named twice"));
  EXPECT_THAT(refusal({{VerdictForm::kcidb, run() / "run.json"}}), HasSubstr("is in the run's folder"));
  EXPECT_THAT(refusal({{VerdictForm::kcidb, "/nowhere/kcidb.json"}}), HasSubstr("/nowhere"));
  fs::create_directories(scratch("another"));
  write_text(scratch("another") / "run.json", "{}");
  EXPECT_THAT(refusal({{VerdictForm::kcidb, scratch("another") / "report" / "k"}}),
              HasSubstr("another, whose files are another run's own"));
  EXPECT_THAT(refusal({}, "Lab 1"), HasSubstr("--kcidb-origin Lab 1: "));
}

TEST_F(VerdictExports, AnExportReplacesNothingThatTheGateReads) {
  fs::create_directories(scratch("calibration"));
  fs::create_symlink(policy(), scratch("link.toml"));
  const std::vector<fs::path> inputs = {policy(), {}, scratch("comparison.json"), scratch("calibration")};
  for (const fs::path& file : {policy(), scratch("link.toml"), scratch("comparison.json"),
                               scratch("calibration") / "calibration.json"}) {
    const auto checked = check_exports({{{VerdictForm::kcidb, file}}}, run(), inputs);
    ASSERT_FALSE(checked) << file;
    EXPECT_EQ(checked.error().kind, ErrorKind::usage);
    EXPECT_THAT(checked.error().what, HasSubstr("would replace what this gate reads"));
  }
  EXPECT_TRUE(check_exports({{{VerdictForm::kcidb, scratch("kcidb.json")}}}, run(), inputs));
}

}  // namespace
}  // namespace loopgate::verdict_export_test
