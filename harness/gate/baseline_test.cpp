// A run against another run.
#include "gate/baseline.h"

#include <gmock/gmock.h>

#include "gate/evaluate.h"
#include "gate/testing/made_up_run.h"

namespace loopgate::baseline_test {
namespace {

using ::testing::HasSubstr;
using testing::make_policy;
using testing::make_statistics;
using testing::refusal;

constexpr const char* a_budget = "[[budget]]\nkernel = \"rt\"\nload = \"mixed\"\nmax_us = 100\n";

std::string baseline_rule(const std::string& quantity, double ratio) {
  return "[[baseline]]\nkernel = \"rt\"\nload = \"*\"\nquantity = \"" + quantity +
         "\"\nmax_ratio = " + std::to_string(ratio) + "\n";
}

class Baselines : public ::testing::Test {
 protected:
  Comparison run_ = make_statistics({{"rt", "mixed", {20'000, 30'000}}});
  Baseline baseline_{"yesterday", run_};
};

// What virtual time gives again, or the bench is broken. No statistics are needed for it.
TEST_F(Baselines, OfIdenticalInputsIsComparedBySamples) {
  const auto stamp = [](Comparison* run, const std::string& inputs, const std::string& samples) {
    run->groups[0].replicates[0].inputs_sha256 = inputs;
    run->groups[0].replicates[0].samples_sha256 = samples;
  };
  stamp(&run_, "inputs-1", "samples-1");
  const auto judged = [&](const std::string& inputs, const std::string& samples) {
    stamp(&baseline_.comparison, inputs, samples);
    return evaluate(run_, make_policy(baseline_rule("max", 1.0)), baseline_)->checks.at(0);
  };
  EXPECT_EQ(judged("inputs-1", "samples-1").verdict, VerdictKind::pass);
  EXPECT_THAT(judged("inputs-1", "samples-1").why, HasSubstr("identical samples, to the nanosecond"));
  EXPECT_EQ(judged("inputs-1", "samples-2").verdict, VerdictKind::invalid);
  EXPECT_THAT(judged("inputs-1", "samples-2").why, HasSubstr("rt.mixed: the bench did not repeat"));
  EXPECT_EQ(judged("inputs-2", "samples-1").verdict, VerdictKind::inconclusive);
  EXPECT_EQ(judged("", "").verdict, VerdictKind::inconclusive);
  EXPECT_EQ(judged("inputs-1", "").verdict, VerdictKind::inconclusive) << "what it measured is not known";
  stamp(&run_, "inputs-1", "");
  EXPECT_EQ(judged("inputs-1", "").verdict, VerdictKind::inconclusive) << "nothing to compare";
  stamp(&run_, "inputs-1", "samples-1");
  stamp(&baseline_.comparison, "inputs-1", "samples-1");
  const auto below = evaluate(run_, make_policy(baseline_rule("max", 0.9)), baseline_);
  EXPECT_EQ(below->verdict, VerdictKind::fail) << "1 is above 0.9";
}

TEST_F(Baselines, OfNothingAreNotIdentical) {
  run_.groups[0].replicates.clear();
  baseline_.comparison.groups[0].replicates.clear();
  const auto verdict = evaluate(run_, make_policy(baseline_rule("max", 1.0)), baseline_);
  ASSERT_TRUE(verdict);
  EXPECT_NE(verdict->verdict, VerdictKind::pass) << verdict->checks[0].why;
}

TEST_F(Baselines, WithoutReplicatesAreInconclusive) {
  const auto verdict = evaluate(run_, make_policy(baseline_rule("max", 1.0)), baseline_);
  ASSERT_TRUE(verdict) << verdict.error().what;
  EXPECT_EQ(verdict->verdict, VerdictKind::inconclusive);
  EXPECT_EQ(verdict->baseline, "yesterday");
  EXPECT_THAT(verdict->checks[0].why, HasSubstr("1 replicate against 1 of the baseline"));
}

TEST_F(Baselines, AnyOtherInputIsRefusedWithBothValues) {
  const Policy policy = make_policy(baseline_rule("max", 1.0));
  const auto with = [&](const auto& change) {
    Baseline other = baseline_;
    change(&other.comparison);
    return refusal(run_, policy, other);
  };
  EXPECT_EQ(with([](Comparison* c) { c->board = {"pi", "board-9"}; }),
            "yesterday: the baseline's board is pi (board-9), and this run's is qemu-virt-arm64 (board-1)");
  EXPECT_THAT(with([](Comparison* c) { c->board.sha256 = "board-2"; }),
              HasSubstr("qemu-virt-arm64 (board-2)"));
  EXPECT_THAT(with([](Comparison* c) { c->suite.name = "timer"; }),
              HasSubstr("baseline's suite is timer (suite-1)"));
  EXPECT_THAT(with([](Comparison* c) { c->time_base = TimeBase::wall_clock; }),
              HasSubstr("baseline's time base is wall, and this run's is virtual"));
  EXPECT_THAT(with([](Comparison* c) { c->deadline_ns = 5; }), HasSubstr("deadline in ns is 5"));
  EXPECT_THAT(with([](Comparison* c) { c->interval_ns = {1, 2}; }), HasSubstr("interval in ns is 1 to 2"));
  EXPECT_THAT(with([](Comparison* c) { c->icount_shift = 3; }),
              HasSubstr("icount shift is 3, and this run's is 0"));
  EXPECT_THAT(with([](Comparison* c) { c->loads[0].sha256 = "load-2"; }),
              HasSubstr("load mixed is defined as load-2, and this run's as load-1"));
  EXPECT_THAT(with([](Comparison* c) { c->groups.clear(); }), HasSubstr("no kernel rt under load mixed"));
  EXPECT_EQ(with([](Comparison* c) { c->samples = 5; }), "accepted");
}

TEST_F(Baselines, OfAnotherPayloadModelOrQemuAreRefused) {
  run_.made_with = {"10.0.2", "plugin-1", "base-1", "programs-1",
                    std::vector<NamedInput>{{"model", "model-1"}}};
  const Policy policy = make_policy(baseline_rule("max", 1.0));
  const auto with = [&](const auto& change) {
    Baseline other{"yesterday", run_};
    change(&other.comparison.made_with);
    return refusal(run_, policy, other);
  };
  EXPECT_EQ(with([](Provenance*) {}), "accepted");
  EXPECT_EQ(with([](Provenance* m) { m->qemu = "10.1.0"; }),
            "yesterday: the baseline's QEMU is 10.1.0, and this run's is 10.0.2");
  EXPECT_THAT(with([](Provenance* m) { m->instrument_sha256 = "plugin-2"; }),
              HasSubstr("baseline's instrument's digest is plugin-2, and this run's is plugin-1"));
  EXPECT_THAT(with([](Provenance* m) { m->base_sha256 = "base-2"; }),
              HasSubstr("baseline's base image's digest is base-2, and this run's is base-1"));
  EXPECT_THAT(with([](Provenance* m) { m->programs_sha256 = "programs-2"; }),
              HasSubstr("baseline's programs' digest is programs-2, and this run's is programs-1"));
  EXPECT_THAT(with([](Provenance* m) { m->payload_files->front().sha256 = "model-2"; }),
              HasSubstr("list of payload files is model (model-2), and this run's is model (model-1)"));
  EXPECT_THAT(with([](Provenance* m) { m->payload_files->clear(); }), HasSubstr("files is none, and"));
}

// Digests say nothing to people; commits do.
TEST_F(Baselines, OfAnotherBuildSayWhichCommits) {
  run_.made_with = {"10.0.2", "plugin-1", "base-1", "programs-1", std::vector<NamedInput>{}, "abc"};
  const Policy policy = make_policy(baseline_rule("max", 1.0));
  const auto with = [&](const char* commit) {
    Baseline other{"yesterday", run_};
    other.comparison.made_with.programs_sha256 = "programs-2";
    other.comparison.made_with.commit = commit;
    const auto verdict = evaluate(run_, policy, other);
    return verdict ? "accepted" : to_text(verdict.error());
  };
  EXPECT_THAT(with("def"),
              HasSubstr(": loopgate was rebuilt in between: commit def measured the baseline, and "
                        "abc this run"));
  EXPECT_THAT(with("def"),
              HasSubstr("-> measure the baseline again with the build of abc, or this run with that of def"));
  EXPECT_THAT(with("abc"), HasSubstr(": loopgate was rebuilt in between, both times from commit abc"));
  EXPECT_THAT(with(""), HasSubstr(": loopgate was rebuilt in between\n"));
}

TEST_F(Baselines, ThatDoNotSayWhatTheyWereMadeWithAreRefused) {
  run_.made_with = {"10.0.2", "plugin-1", "base-1", "programs-1", std::vector<NamedInput>{}};
  const Policy policy = make_policy(baseline_rule("max", 1.0));
  EXPECT_EQ(refusal(run_, policy, baseline_),
            "yesterday: the baseline's QEMU is not recorded, and this run's is 10.0.2");
  baseline_.comparison.made_with = run_.made_with;
  baseline_.comparison.made_with.payload_files.reset();
  EXPECT_THAT(refusal(run_, policy, baseline_), HasSubstr("list of payload files is not recorded, and"));
}

TEST_F(Baselines, IsInvalidWhereItWasNotMeasured) {
  baseline_.comparison.groups[0].invalid = {{"rt.mixed", "invalid", "the disk was full"}};
  const auto verdict = evaluate(run_, make_policy(baseline_rule("max", 1.0)), baseline_);
  EXPECT_EQ(verdict->verdict, VerdictKind::invalid);
  EXPECT_THAT(verdict->checks[0].why, HasSubstr("the disk was full"));
}

TEST_F(Baselines, MustBeGivenWhereRequired) {
  EXPECT_THAT(refusal(run_, make_policy(baseline_rule("max", 1.0)), {}), HasSubstr("no baseline is given"));
  EXPECT_THAT(refusal(run_, make_policy("baseline_required = false\n" + baseline_rule("max", 1.0))),
              HasSubstr("nothing would be judged"));
  EXPECT_THAT(refusal(run_, make_policy(a_budget), baseline_), HasSubstr("yesterday would judge nothing"));
}

TEST_F(Baselines, WhereOptionalAreNotGatedWithoutOne) {
  const auto verdict = evaluate(
      run_, make_policy("baseline_required = false\n" + std::string(a_budget) + baseline_rule("max", 1.0)),
      {});
  ASSERT_TRUE(verdict) << verdict.error().what;
  EXPECT_EQ(verdict->checks[1].verdict, VerdictKind::not_gated);
  EXPECT_EQ(verdict->checks[1].why, "no baseline was given");
  EXPECT_EQ(verdict->verdict, VerdictKind::pass);
}

}  // namespace
}  // namespace loopgate::baseline_test
