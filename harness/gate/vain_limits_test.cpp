#include "gate/vain_limits.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>

#include "gate/testing/made_up_run.h"

namespace loopgate::vain_limits_test {
namespace {

using ::testing::HasSubstr;
using testing::make_policy;
using ::testing::Not;

std::string budget(const std::string& limits) {
  return "[[budget]]\nkernel = \"*\"\nload = \"*\"\n" + limits + "\n";
}

std::string refused(const std::string& limits) {
  const auto policy = parse_policy(testing::policy_head + budget(limits), "p.toml");
  return policy ? "accepted" : policy.error().what;
}

TEST(VainLimits, AQuantilesLimitAboveAHigherQuantilesIsRefused) {
  EXPECT_THAT(refused("p99_us = 200\nmax_us = 100"),
              HasSubstr("p99_us = 200 cannot fail where max_us = 100 holds"));
  EXPECT_THAT(refused("p50_us = 30\np99_9_us = 20"),
              HasSubstr("p50_us = 30 cannot fail where p99_9_us = 20"));
  EXPECT_THAT(refused("jitter_us = 101\nmax_us = 100"), HasSubstr("jitter_us = 101 cannot fail"));
  EXPECT_EQ(refused("p99_us = 100\nmax_us = 100"), "accepted");
  EXPECT_EQ(refused("p50_us = 20\np99_us = 30\nmax_us = 100\njitter_us = 90"), "accepted");
  EXPECT_EQ(refused("jitter_us = 90\np99_us = 80"), "accepted") << "neither follows from the other";
  EXPECT_EQ(refused("late = 1000000\nmax_us = 1"), "accepted") << "a count is no latency";
}

TEST(VainLimits, MoreByTheHourThanStimuliAreRefused) {
  const auto run = testing::make_statistics({{"a", "mixed", {20'000}}});  // 600 to 1,400 us apart
  const auto refusal_of = [&](const char* per_hour) {
    return testing::refusal(
        run, make_policy(budget(fmt::format("exceed = {{ over_us = 50, max_per_hour = {} }}", per_hour))));
  };
  EXPECT_THAT(refusal_of("36e5"), HasSubstr("max_per_hour = 3600000 cannot fail: 3600000 stimuli come in an "
                                            "hour, 1000 us apart on average"));
  EXPECT_THAT(refusal_of("3e6"),
              HasSubstr("max_per_hour = 3000000 is 83 % of them, and what most may exceed is no limit"));
  EXPECT_EQ(refusal_of("18e5"), "accepted");
}

Comparison run_of_program(std::int64_t timeout_s) {
  Comparison run;
  run.suite.name = "irq-to-gpio";
  run.programs = {"hackbench"};
  run.program_timeout_s = {{"hackbench", timeout_s}};
  ProgramReplicate replicate{"a.mixed.1", {ProgramVerdict::pass, "", {}, {}, ""}, nullptr};
  replicate.result.figures = {{"max", 50, "us", "CLOCK_MONOTONIC", 1},
                              {"time", 2, "s", "CLOCK_MONOTONIC", 0},
                              {"idle", 90, "%", "", 0},
                              {"cycles", 1'000, "cycles", "", 0}};
  GroupEvidence& group = run.groups.emplace_back();
  group.kernel = "a";
  group.load = "mixed";
  group.cells = {"a.mixed.1"};
  group.programs = {{"hackbench", {replicate}}};
  return run;
}

TEST(VainLimits, WhatAProgramCannotShowInItsTimeIsRefused) {
  const auto refusal_of = [](const std::string& limit, std::int64_t timeout_s = 60) {
    return testing::refusal(run_of_program(timeout_s),
                            make_policy(budget("program = \"hackbench\"\n" + limit)));
  };
  const auto at_most = [](const char* figure, const char* most) {
    return fmt::format("figure = \"{}\"\nat_most = {}", figure, most);
  };
  EXPECT_THAT(
      refusal_of(at_most("max", "1e12")),
      HasSubstr("the budget of program hackbench: at_most = 1000000000000 of max (in us) cannot fail: the "
                "program is killed after 60 s (its timeout_s in the run), and no time that it takes is"));
  EXPECT_THAT(refusal_of(at_most("max", "6e7")), HasSubstr("cannot fail"));
  EXPECT_EQ(refusal_of(at_most("max", "5.9e7")), "accepted");
  EXPECT_THAT(refusal_of(at_most("time", "60.0")), HasSubstr("at_most = 60 of time (in s) cannot fail"));
  EXPECT_EQ(refusal_of(at_most("time", "59.0")), "accepted");
  EXPECT_THAT(refusal_of(at_most("idle", "100.0")), HasSubstr("no share is above 100 %"));
  EXPECT_THAT(refusal_of(at_most("cycles", "1e12")), HasSubstr("no more than one in a nanosecond"));
  EXPECT_EQ(refusal_of(at_most("cycles", "1e10")), "accepted");
  EXPECT_THAT(refusal_of("max_us = 60000000"),
              HasSubstr("max_us = 60000000 cannot fail: the program is killed"));
  EXPECT_THAT(refusal_of("exceed = { over_us = 20000000, max_fraction = 0.1 }", 20),
              HasSubstr("exceed of over_us = 20000000 cannot fail"));
  EXPECT_EQ(refusal_of(at_most("max", "1e12"), 0), "accepted") << "nobody knows";
}

// An imported histogram: the program sends nothing.
TEST(VainLimits, NoneUnansweredAloneIsRefusedWhereNothingCanBe) {
  auto run = testing::make_statistics({{"a", "mixed", {20'000, 20'000}}});
  const auto refusal_of = [&](const std::string& limits) {
    return testing::refusal(run, make_policy(budget(limits)));
  };
  EXPECT_EQ(refusal_of("unanswered = 0"), "accepted") << "an instrument's stimuli can be";
  run.self_measured_by = "cyclictest";
  EXPECT_THAT(
      refusal_of("unanswered = 0"),
      HasSubstr("unanswered = 0 alone cannot fail: cyclictest sends nothing that could stay unanswered"));
  EXPECT_THAT(refusal_of("unanswered = 1"), HasSubstr("unanswered = 1 alone cannot fail"));
  EXPECT_EQ(refusal_of("unanswered = 0\nmax_us = 100"), "accepted");
}

TEST(VainLimits, WhatAFewStimuliShowIsSaid) {
  const auto remarks_of = [](std::size_t stimuli, const std::string& rules) {
    const auto run = testing::make_statistics({{"a", "mixed", testing::latencies_with(stimuli, 0)}});
    const auto verdict = evaluate(run, make_policy(rules + budget("max_us = 100")), {});
    EXPECT_EQ(verdict->verdict, VerdictKind::pass);
    return fmt::format("{}", fmt::join(verdict->remarks, "\n"));
  };
  EXPECT_THAT(
      remarks_of(1, ""),
      HasSubstr("kernel a under load mixed: min_stimuli = 1 lets 1 stimulus pass a maximum, a spread and a "
                "count: where none of them exceeded, 95 % of all may, at 95 % confidence; from 5 on no "
                "more than half"));
  EXPECT_THAT(remarks_of(4, ""), HasSubstr("lets 4 stimuli pass"));
  EXPECT_THAT(remarks_of(5, ""), Not(HasSubstr("min_stimuli")));
  EXPECT_THAT(remarks_of(5, "confidence = 0.99\n"), HasSubstr("from 7 on no more than half"));
}

TEST(VainLimits, AsManyAsMostIsRefused) {
  auto run = testing::make_statistics({{"a", "mixed", {20'000, 20'000}}});
  run.samples = 10'000;
  const auto refusal_of = [&](const std::string& limit) {
    return testing::refusal(run, make_policy(budget(limit)));
  };
  EXPECT_THAT(refusal_of("late = 10000"), HasSubstr("late = 10000 cannot fail: there are 10,000 stimuli"));
  for (const char* limit : {"late = 9999", "unanswered = 9999", "not_sent = 5001"})
    EXPECT_THAT(refusal_of(limit),
                HasSubstr("hardly fails: there are 10,000 stimuli, and what most may be is "
                          "no limit; it may be at most 5000"));
  EXPECT_EQ(refusal_of("late = 5000"), "accepted");
  run.groups[0].cells.emplace_back("a.mixed.2");
  EXPECT_EQ(refusal_of("late = 9999"), "accepted") << "of 20,000 in two replicates";
  run.samples = 0;
  EXPECT_EQ(refusal_of("late = 9999"), "accepted") << "nobody knows how many were planned";
}

TEST(VainLimits, AShareAboveTheMaximumIsRefused) {
  EXPECT_THAT(refused("max_us = 100\nexceed = { over_us = 100, max_fraction = 0.1 }"),
              HasSubstr("exceed of over_us = 100 cannot fail where max_us = 100 holds"));
  EXPECT_EQ(refused("max_us = 100\nexceed = { over_us = 99, max_fraction = 0.1 }"), "accepted");
  EXPECT_EQ(refused("p99_us = 50\nexceed = { over_us = 99, max_fraction = 0.001 }"), "accepted");
}

TEST(VainLimits, ALimitThatNoAnswerReachesIsRefused) {
  Comparison run = testing::make_statistics({{"a", "mixed", {20'000, 30'000}}});
  run.response_timeout_ns = 1'000'000'000;
  const auto refusal_of = [&](const std::string& limits) {
    return testing::refusal(run, make_policy(budget(limits)));
  };
  EXPECT_THAT(
      refusal_of("max_us = 1000001"),
      HasSubstr("max_us = 1000001 cannot fail: a stimulus without an answer for 1000000 us counts as"));
  EXPECT_THAT(refusal_of("exceed = { over_us = 2000000, max_fraction = 0.1 }"),
              HasSubstr("over_us = 2000000"));
  EXPECT_THAT(refusal_of("max_us = 1000000"), HasSubstr("max_us = 1000000 cannot fail"));
  run.response_timeout_ns = 0;
  EXPECT_EQ(refusal_of("max_us = 1000001"), "accepted") << "nobody knows";
}

std::string refused_rule(const std::string& rule) {
  const auto policy = parse_policy(testing::policy_head + rule, "p.toml");
  return policy ? "accepted" : policy.error().what;
}

std::string ratio_rule(const char* table, double ratio) {
  const std::string against = std::string_view(table) == "compare" ? "against = \"generic\"\n" : "";
  return fmt::format("[[{}]]\nkernel = \"rt\"\nload = \"*\"\nquantity = \"p99\"\n{}max_ratio = {}\n", table,
                     against, ratio);
}

TEST(VainLimits, AnythingMayNotBeAllowed) {
  EXPECT_EQ(refused_rule(ratio_rule("baseline", 10.0)), "accepted");
  EXPECT_THAT(
      refused_rule(ratio_rule("baseline", 1e6)),
      HasSubstr("baseline[0].max_ratio is 1000000, which hardly anything exceeds: it may be at most 10"));
  EXPECT_EQ(refused_rule(ratio_rule("compare", 30.0)), "accepted") << "generic against preempt-rt: 23";
  EXPECT_THAT(refused_rule(ratio_rule("compare", 1e6)), HasSubstr("compare[0].max_ratio is 1000000"));
  EXPECT_EQ(refused("max_us = 60000000"), "accepted");
  EXPECT_THAT(refused("max_us = 60000001"), HasSubstr("max_us must be from 1 to 60000000 us"));
  EXPECT_THAT(refused("exceed = { over_us = 60000001, max_fraction = 0.1 }"),
              HasSubstr("over_us must be from"));
  EXPECT_EQ(refused("exceed = { over_us = 50, max_fraction = 0.5 }"), "accepted");
  EXPECT_THAT(refused("exceed = { over_us = 50, max_fraction = 0.51 }"),
              HasSubstr("max_fraction is 0.51, and what most may exceed is no limit"));
  EXPECT_THAT(refused("max_wrong_fraction = 0.9"), HasSubstr("max_wrong_fraction is 0.9, and what most may"));
  EXPECT_EQ(refused("program = \"hackbench\"\nfigure = \"mean\"\nat_most = 1e15"), "accepted");
  EXPECT_THAT(refused("program = \"hackbench\"\nfigure = \"mean\"\nat_most = 1e16"),
              HasSubstr("at_most cannot fail: no figure is above 1e15"));
}

}  // namespace
}  // namespace loopgate::vain_limits_test
