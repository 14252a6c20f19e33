#include "record/file_contradictions.h"

#include <gmock/gmock.h>

#include "base/testing/temp_folder.h"

namespace loopgate::file_contradictions_test {
namespace {

using ::testing::HasSubstr;

Outcome measured() {
  Outcome outcome;
  outcome.kind = OutcomeKind::measured;
  outcome.artifacts[evidence_artifact.name] = "of it";
  return outcome;
}

TEST(FileContradictions, AConsoleWithAPanicIsOfNoMeasuredCell) {
  const std::string recordings = std::string(LOOPGATE_SOURCE_DIR) + "/fixtures/recordings/console-";
  const TempFolder folder;
  EXPECT_EQ(contradiction_of_files(folder.path(), measured()), "") << "there is none";
  (void)folder.write("console.log", text_of_file(recordings + "good.log"));
  EXPECT_EQ(contradiction_of_files(folder.path(), measured()), "");
  (void)folder.write("console.log", text_of_file(recordings + "panic.log"));
  EXPECT_EQ(
      contradiction_of_files(folder.path(), measured()),
      "it is measured, and by console.log the kernel panicked: Attempted to kill init! exitcode=0x0000000b");
  (void)folder.write("console.log", text_of_file(recordings + "oops.log"));
  EXPECT_THAT(contradiction_of_files(folder.path(), measured()), HasSubstr("by console.log"));
  Outcome failed = measured();
  failed.kind = OutcomeKind::kernel_failed;
  EXPECT_EQ(contradiction_of_files(folder.path(), failed), "") << "which it says as well";
}

TEST(FileContradictions, EvidenceThatFailedIsOfNoMeasuredCell) {
  EXPECT_EQ(
      failed_in_evidence(R"({"checks": [{"name": "a", "passed": true}], "tuning": [{"what": "b", "ok": true}],
      "load": [{"part": "hog", "ok": true}, {"part": "timer", "count": 3}], "payload": {"degraded": false},
      "report": {"failure": null, "checks_end": [{"name": "a", "passed": true}], "load": {"parts": []}}})"),
      "");
  EXPECT_EQ(failed_in_evidence(R"({"checks": [{"name": "PREEMPT_RT", "passed": false}]})"),
            "in its checks \"PREEMPT_RT\" did not hold");
  EXPECT_EQ(failed_in_evidence(R"({"tuning": [{"what": "/sys/x", "ok": false}]})"),
            "in its tuning \"/sys/x\" did not hold");
  EXPECT_EQ(failed_in_evidence(R"({"load": [{"part": "hog", "ok": false}]})"),
            "in its load \"hog\" did not hold");
  EXPECT_EQ(failed_in_evidence(R"({"payload_checks": [{"passed": false}]})"),
            "in its payload_checks \"one without a name\" did not hold");
  EXPECT_EQ(failed_in_evidence(R"({"payload": {"degraded": true}})"), "its payload ran degraded");
  EXPECT_EQ(failed_in_evidence(R"({"report": {"failure": {"part": "load"}}})"), "the agent failed");
  EXPECT_EQ(failed_in_evidence(R"({"report": {"tuning_end": [{"what": "/sys/x", "ok": false}]}})"),
            "in its tuning_end \"/sys/x\" did not hold");
  for (const char* none : {"", "[]", "null", "{", R"({"checks": 3, "report": [], "payload": "x"})"})
    EXPECT_EQ(failed_in_evidence(none), "") << none;
  const TempFolder folder;
  (void)folder.write("evidence.json", R"({"checks": [{"name": "rt", "passed": false}]})");
  EXPECT_EQ(contradiction_of_files(folder.path(), measured()),
            "it is measured, and by evidence.json in its checks \"rt\" did not hold");
}

}  // namespace
}  // namespace loopgate::file_contradictions_test
