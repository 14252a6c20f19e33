#include "gate/remarks.h"

#include <gmock/gmock.h>

#include "gate/testing/made_up_run.h"

namespace loopgate::remarks_test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::make_policy;
using testing::make_statistics;

const Comparison& a_run() {
  static const Comparison run = make_statistics({{"rt", "mixed", testing::latencies_with(5, 0)}});
  return run;
}

Verdict passed(const std::string& load) {
  Verdict verdict;
  verdict.verdict = VerdictKind::pass;
  verdict.baseline = "yesterday";
  verdict.groups = {{"rt", load, VerdictKind::pass, false}};
  return verdict;
}

Check ratio(const char* quantity, double low, double high, VerdictKind kind = VerdictKind::pass) {
  Check check;
  check.kernel = "rt";
  check.load = "mixed";
  check.rule = "baseline";
  check.quantity = quantity;
  check.verdict = kind;
  check.interval = RatioInterval{(low + high) / 2, low, high};
  return check;
}

TEST(Remarks, AVerdictOnIdleAloneSaysSo) {
  Verdict verdict = passed("idle");
  verdict.groups.push_back({"rt", "mixed", VerdictKind::not_gated, false});
  EXPECT_THAT(remarks_on(verdict, a_run(), {}),
              ElementsAre("Load idle alone was judged: this says nothing of a kernel under load."));
  verdict.groups[1].verdict = VerdictKind::pass;
  EXPECT_THAT(remarks_on(verdict, a_run(), {}), IsEmpty());
}

// An interval to 1.0412 is one that a growth of 4.1 % lies in: 4.2 is printed, of p99 the widest alone.
TEST(Remarks, APassSaysHowMuchMayHaveGrownAndWhatWasNotCompared) {
  Verdict verdict = passed("mixed");
  verdict.checks = {ratio("p99", 0.99, 1.0412), ratio("p99", 0.99, 1.01), ratio("p50", 0.9, 1.001),
                    ratio("max", 0.8, 0.99), ratio("p90", 0.9, 1.5, VerdictKind::inconclusive)};
  EXPECT_THAT(
      remarks_on(verdict, a_run(), {}),
      ElementsAre("Against the baseline, at 95 % confidence, these grew by at most: p50 0.1 % (rt, mixed), "
                  "p99 4.2 % (rt, mixed). Not held against it: p99.9, jitter."));
  verdict.verdict = VerdictKind::inconclusive;
  EXPECT_THAT(remarks_on(verdict, a_run(), {}), IsEmpty()) << "it is no PASS";
}

// p99 is held of rt, and p50 of generic.
TEST(Remarks, APassSaysOfWhichKernelsWhatWasNotCompared) {
  Verdict verdict = passed("mixed");
  verdict.groups.push_back({"generic", "mixed", VerdictKind::pass, false});
  verdict.groups.push_back({"full", "mixed", VerdictKind::not_gated, false});
  verdict.checks = {ratio("p99", 0.99, 1.04), ratio("p50", 0.9, 1.001)};
  verdict.checks[1].kernel = "generic";
  EXPECT_THAT(remarks_on(verdict, a_run(), {}),
              ElementsAre(::testing::EndsWith(" Not held against it: p50 (rt, mixed), p99 (generic, mixed), "
                                              "p99.9, max, jitter.")));
}

TEST(Remarks, APassWithoutABaselineShowsNoChange) {
  const auto remark = [](const Comparison& run) {
    const std::string limit = "[[budget]]\nkernel = \"rt\"\nload = \"*\"\nmax_us = 30\n";
    const auto verdict = evaluate(run, make_policy(limit), {});
    EXPECT_TRUE(verdict) << verdict.error().what;
    return verdict->remarks;
  };
  const std::string begin = "This PASS says that limits are kept: it shows no change that stays within them";
  EXPECT_THAT(remark(a_run()), ElementsAre(begin + ", which a policy's [[baseline]] and --baseline do."));
  Comparison captured = a_run();
  captured.suite.sha256 = "";
  EXPECT_THAT(remark(captured), ElementsAre(begin + ".")) << "it can have none";
}

TEST(Remarks, DifferentKernelsOfEqualSamplesAreNamed) {
  Comparison run =
      make_statistics({{"a", "mixed", {20'000}}, {"b", "mixed", {20'000}}, {"c", "idle", {20'000}}});
  const auto remarks = [&] { return remarks_on(passed("mixed"), run, {}); };
  for (GroupEvidence& group : run.groups) {
    group.replicates[0].samples_sha256 = "equal";
    group.kernel_in_effect_sha256 = "of " + group.kernel;
  }
  EXPECT_THAT(remarks(), ElementsAre(::testing::StartsWith(
                             "Kernels a and b differ in image, arguments in effect or tuning, and "
                             "their samples under load mixed are equal to the byte")));
  run.groups[1].replicates[0].samples_sha256 = "another";
  EXPECT_THAT(remarks(), IsEmpty());
  run.groups[1].replicates[0].samples_sha256 = "equal";
  run.groups[1].kernel_in_effect_sha256 = run.groups[0].kernel_in_effect_sha256;
  EXPECT_THAT(remarks(), IsEmpty()) << "they are the same";
}

TEST(Remarks, GroupsThatAreIdenticalToTheBaselinesAreNamed) {
  Comparison run = make_statistics({{"rt", "mixed", {20'000}}, {"generic", "mixed", {30'000}}});
  for (GroupEvidence& group : run.groups)
    group.replicates[0].inputs_sha256 = group.replicates[0].samples_sha256 = group.kernel;
  Baseline baseline{"yesterday", run};
  Verdict verdict = passed("mixed");
  verdict.checks = {ratio("p99", 0.99, 1), ratio("p99", 0.99, 1)};
  verdict.checks[1].kernel = "generic";
  EXPECT_THAT(remarks_on(verdict, run, baseline), ElementsAre(::testing::HasSubstr("is equal to the byte")));
  run.groups[1].replicates[0].inputs_sha256 = run.groups[1].replicates[0].samples_sha256 = "another";
  EXPECT_THAT(remarks_on(verdict, run, baseline),
              ElementsAre("Identical to the baseline by inputs and samples, so that nothing of them changed: "
                          "1 of 2: " +
                          run.groups[0].kernel + " x mixed."));
  run.groups[0].replicates[0].inputs_sha256 = "";
  EXPECT_THAT(remarks_on(verdict, run, baseline), IsEmpty()) << "it is not known";
}

TEST(Remarks, EdgesThatWereLostAreTold) {
  Comparison run = a_run();
  run.groups[0].lost_edges = LostEdges{100, 99, 0, 200, 0};
  EXPECT_THAT(remarks_on(passed("mixed"), run, {}),
              ::testing::Contains(::testing::HasSubstr("1 of 100 edges never came to the payload")));
}

TEST(Remarks, ArgumentsWithoutAProofAreTold) {
  Comparison run = a_run();
  run.groups[0].unconfirmed_arguments = {{"panic=1", "the kernel knows it"}};
  EXPECT_THAT(remarks_on(passed("mixed"), run, {}),
              ::testing::Contains("kernel rt: not confirmed: panic=1: the kernel knows it"));
}

}  // namespace
}  // namespace loopgate::remarks_test
