#include "run/outcome.h"

#include <gmock/gmock.h>

#include "run/testing/fake_machine.h"

namespace loopgate {
namespace {

using nlohmann::json;

json document_of(const Outcome& outcome) {
  const Plan plan = made_up_plan(2);
  return json::parse(to_json(outcome, plan, plan.cells[3]));
}

TEST(Outcome, IsWrittenAsTheFormatSays) {
  Outcome outcome;
  outcome.kind = OutcomeKind::measured;
  outcome.samples_sha256 = "abc";
  outcome.records = 10;
  outcome.self_check_passed = true;
  outcome.self_checks = {{{"known_ns", 1}, {"measured_ns", 1}}};
  outcome.spurious_responses = 3;
  outcome.boot_s = 0.5;
  outcome.to_first_stimulus_s = 1.5;
  outcome.total_s = 20.5;
  EXPECT_EQ(document_of(outcome), json::parse(R"({
    "format": 1, "cell": "preempt-rt.storm.2", "suite": "irq-to-gpio", "board": "qemu-virt-arm64",
    "kernel": "preempt-rt", "load": "storm", "repetition": 2, "time_base": "virtual",
    "outcome": "measured", "reason": "", "next_step": "", "samples_sha256": "abc", "frames_sha256": null, "stamps_sha256": null, "records": 10,
    "self_check": {"passed": true, "checks": [{"known_ns": 1, "measured_ns": 1}]}, "spurious_responses": 3, "verified_determinism": false,
    "host_seconds": {"boot": 0.5, "to_first_stimulus": 1.5, "total": 20.5}})"));
}

TEST(Outcome, IsInvalidUnlessToldOtherwise) {
  const json document = document_of({});
  EXPECT_EQ(document["outcome"], "invalid");
  EXPECT_TRUE(document["samples_sha256"].is_null());
  EXPECT_EQ(document["self_check"]["passed"], false);
  EXPECT_EQ(document["self_check"]["checks"], json::array());
}

TEST(Outcome, NamesTheKernelsFaultApartFromTheBenchs) {
  EXPECT_STREQ(name_of(OutcomeKind::measured), "measured");
  EXPECT_STREQ(name_of(OutcomeKind::kernel_failed), "kernel_failed");
  EXPECT_STREQ(name_of(OutcomeKind::invalid), "invalid");
}

// A reason may hold what QEMU or a program printed, which is no UTF-8 of necessity.
TEST(Outcome, IsWrittenWhateverTheReasonHolds) {
  Outcome outcome;
  outcome.reason = "QEMU ended with status 1: \xff\xfe";
  EXPECT_NO_THROW(EXPECT_EQ(document_of(outcome)["outcome"], "invalid"));
}

}  // namespace
}  // namespace loopgate
