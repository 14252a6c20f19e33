#include "run/judge_probe.h"

#include <gmock/gmock.h>

namespace loopgate::judge_probe_test {
namespace {

Outcome judged(const std::string& exit, const std::string& errors) {
  CellRequest request;
  request.job.probe = ProbeSpec{{"/bin/probe"}, "/run/p", false, std::chrono::seconds(1)};
  Report report;
  report.probe = ProbeReport{exit, "", errors, ""};
  Outcome outcome;
  outcome.kind = OutcomeKind::measured;
  judge_probe(request, report, &outcome);
  return outcome;
}

TEST(JudgeProbe, ThatEndedWellSaysNothing) {
  EXPECT_EQ(judged("exited 0", "probe: a warning -> nothing\n").kind, OutcomeKind::measured);
}

// What it could not do at its end, as what it is refused at its beginning.
TEST(JudgeProbe, ThatFailedIsQuoted) {
  const Outcome outcome = judged(
      "exited 5", "libbpf: x\nprobe: the kernel part was replaced 1 of 3 times -> measure more stimuli\n");
  EXPECT_EQ(outcome.kind, OutcomeKind::invalid);
  EXPECT_EQ(outcome.reason, "probe: the kernel part was replaced 1 of 3 times");
  EXPECT_EQ(outcome.next_step, "measure more stimuli");
}

TEST(JudgeProbe, ThatSaidNothingIsNamedByItsEnd) {
  EXPECT_EQ(judged("signal 11", "").reason, "the probe ended abnormally: it signal 11");
  EXPECT_EQ(judged("exited 5", "probe: no words of what to do\n").next_step,
            "see report.probe in evidence.json");
}

}  // namespace
}  // namespace loopgate::judge_probe_test
