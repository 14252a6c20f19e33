#include "gate/policy.h"

#include <gmock/gmock.h>

#include "base/digest.h"
#include "gate/testing/made_up_run.h"

namespace loopgate::policy_test {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using testing::make_policy;

constexpr const char* a_budget = "[[budget]]\nkernel = \"*\"\nload = \"*\"\nmax_us = 100\n";

std::string refusal(const std::string& text) {
  const auto policy = parse_policy(text, "p.toml");
  if (policy) return "accepted";
  EXPECT_EQ(policy.error().kind, ErrorKind::usage);
  EXPECT_THAT(policy.error().what, HasSubstr("p.toml"));
  return policy.error().what;
}

std::string rule_refusal(const std::string& rules) { return refusal(testing::policy_head + rules); }

TEST(Policy, AMistypedLimitIsNamedThoughOtherRulesFollow) {
  const auto policy = parse_policy(std::string(testing::policy_head) +
                                       "[[budget]]\nkernel = \"a\"\nload = \"b\"\nmx_us = 100\n"
                                       "[[compare]]\n[[baseline]]\n",
                                   "p.toml");
  ASSERT_FALSE(policy);
  EXPECT_THAT(policy.error().what, HasSubstr("budget[0].mx_us is an unknown key"));
  EXPECT_EQ(policy.error().next_step, "did you mean \"max_us\"?");
}

TEST(Policy, AsksForAsManyStimuliAsItSaysOrFor59) {
  const std::string head = "title = \"t\"\nsuite = \"s\"\ntime_base = \"virtual\"\n";
  EXPECT_EQ(make_policy(a_budget, head).min_stimuli, 59U);
  EXPECT_EQ(make_policy(std::string("min_stimuli = 300\n") + a_budget, head).min_stimuli, 300U);
  for (const char* value : {"0", "-1", "1000000001", "1.5", "\"59\""})
    EXPECT_THAT(refusal(head + "min_stimuli = " + value + "\n" + a_budget), HasSubstr("min_stimuli"))
        << value;
}

TEST(Policy, ReadsEveryKey) {
  const Policy policy = make_policy(R"(
confidence = 0.99
baseline_required = false
[[budget]]
kernel = "preempt-rt"
load = "mixed"
max_us = 100
p50_us = 1
p90_us = 2
p99_us = 3
p99_9_us = 4
p99_99_us = 5
jitter_us = 6
late = 0
unanswered = 7
not_sent = 8
exceed = { over_us = 50, max_fraction = 1e-3 }
[[compare]]
kernel = "preempt-rt"
against = "generic"
load = "*"
quantity = "p99_9"
max_ratio = 0.5
[[baseline]]
kernel = "*"
load = "*"
quantity = "max"
max_ratio = 1
)");
  EXPECT_EQ(policy.file, "p.toml");
  EXPECT_EQ(parse_policy(
                std::string(testing::policy_head) + "[[budget]]\nkernel = \"*\"\nload = \"*\"\nmax_us = 9\n",
                "suites/a/release.toml")
                ->file,
            "suites/a/release.toml")
      << "as it was given";
  EXPECT_EQ(policy.confidence, 0.99);
  EXPECT_FALSE(policy.baseline_required);
  ASSERT_EQ(policy.budgets.size(), 1U);
  ASSERT_EQ(policy.budgets[0].limits.size(), 10U);
  EXPECT_EQ(policy.budgets[0].limits[5].quantity, "max");
  EXPECT_EQ(policy.budgets[0].limits[5].at_most, 100'000);
  EXPECT_EQ(policy.budgets[0].limits[9].quantity, "unanswered");
  EXPECT_EQ(policy.budgets[0].limits[9].at_most, 7);
  EXPECT_EQ(policy.budgets[0].exceed->over_ns, 50'000);
  EXPECT_EQ(policy.budgets[0].exceed->max_fraction, 1e-3);
  EXPECT_EQ(policy.compares.at(0).against, "generic");
  EXPECT_EQ(policy.baselines.at(0).max_ratio, 1.0);
}

TEST(Policy, HasDefaults) {
  const Policy policy = make_policy(a_budget);
  EXPECT_EQ(policy.confidence, 0.95);
  EXPECT_TRUE(policy.baseline_required);
  EXPECT_EQ(policy.sha256, sha256_of(testing::policy_head + std::string(a_budget)));
}

TEST(Policy, PatternsMatchByNameOrAny) {
  EXPECT_TRUE((Pattern{"*", "mixed"}.matches("generic", "mixed")));
  EXPECT_FALSE((Pattern{"*", "mixed"}.matches("generic", "idle")));
  EXPECT_FALSE((Pattern{"gen*", "*"}.matches("generic", "idle")));
}

TEST(Policy, RefusesABadHead) {
  EXPECT_THAT(refusal(""), HasSubstr("title is missing, and so are suite, time_base"));
  EXPECT_THAT(refusal("title = 1\nsuite = \"s\"\ntime_base = \"virtual\""),
              HasSubstr("title must be a string"));
  EXPECT_THAT(refusal("= x"), HasSubstr("p.toml:1: is no valid TOML"));
  EXPECT_THAT(refusal("title=\"t\"\nsuite=\"s\"\ntime_base=\"cpu\""),
              HasSubstr("time_base must be virtual or wall"));
  EXPECT_THAT(rule_refusal(""), HasSubstr("has no rule"));
  EXPECT_THAT(rule_refusal("colour = 1\n" + std::string(a_budget)), HasSubstr("colour is an unknown key"));
  for (const char* confidence : {"0.5", "1.0", "-1.0", "nan", "inf"})
    EXPECT_THAT(rule_refusal("confidence = " + std::string(confidence) + "\n" + a_budget),
                HasSubstr("confidence must be above 0.5 and below 1"));
  EXPECT_THAT(rule_refusal("budget = 3\n"), HasSubstr("must be an array of tables"));
}

TEST(Policy, RefusesBadBudgets) {
  const auto budget = [](const std::string& rest) {
    return rule_refusal("[[budget]]\nkernel = \"a\"\nload = \"b\"\n" + rest);
  };
  EXPECT_THAT(budget(""), HasSubstr("budget[0] has no limit in it"));
  EXPECT_THAT(rule_refusal("[[budget]]\nload = \"b\"\nmax_us = 1\n"),
              HasSubstr("budget[0].kernel is missing"));
  EXPECT_THAT(budget("max_ms = 1\n"), HasSubstr("budget[0].max_ms is an unknown key"));
  EXPECT_THAT(budget("max_us = 1.5\n"), HasSubstr("budget[0].max_us must be a whole number"));
  EXPECT_THAT(budget("max_us = 0\n"), HasSubstr("budget[0].max_us must be from 1"));
  EXPECT_THAT(budget("p99_us = -1\n"), HasSubstr("budget[0].p99_us must be from 1"));
  EXPECT_THAT(budget("p99_us = 9223372036854775807\n"), HasSubstr("budget[0].p99_us must be from 1"));
  EXPECT_THAT(budget("late = -1\n"), HasSubstr("budget[0].late must not be below 0"));
  EXPECT_THAT(budget("exceed = 3\n"), HasSubstr("budget[0].exceed must be a table"));
  EXPECT_THAT(budget("exceed = { over_us = 1 }\n"), HasSubstr("budget[0].exceed.max_fraction is missing"));
  EXPECT_THAT(budget("exceed = { over_us = 1, max_fraction = 1.0 }\n"),
              HasSubstr("budget[0].exceed.max_fraction is 1, and what most may exceed is no limit: it may "
                        "be at most 0.5"));
  EXPECT_THAT(budget("exceed = { over_us = 1, max_fraction = nan }\n"),
              HasSubstr("must be above 0 and at most 0.5"));
  EXPECT_THAT(budget("max_wrong_fraction = 0\n"), HasSubstr("max_wrong_fraction must be above 0"));
  EXPECT_THAT(budget("exceed = { over_us = 1, max_per_hour = 0.0 }\n"),
              HasSubstr("budget[0].exceed.max_per_hour must be at least 1e-6"));
  EXPECT_THAT(budget("exceed = { over_us = 1, max_per_hour = 2.0, max_fraction = 0.1 }\n"),
              HasSubstr("max_fraction is of all stimuli, and max_per_hour of an hour: give one of them"));
  EXPECT_THAT(budget("exceed = { over_us = 1, per_hour_at_most = 2.0 }\n"),
              HasSubstr("per_hour_at_most is now called max_per_hour"));
  EXPECT_THAT(budget("exceed = { over_us = 1, max_fraction = 0.1, x = 1 }\n"),
              HasSubstr("exceed.x is an unknown key"));
  EXPECT_THAT(rule_refusal(std::string(a_budget) + a_budget),
              HasSubstr("budget[1] is of the same kernel and load as one before it"));
}

TEST(Policy, SaysWhatAnOldKeyIsCalledNow) {
  const std::string budget = "[[budget]]\nkernel = \"a\"\nload = \"b\"\n";
  EXPECT_THAT(rule_refusal(budget + "wrong_share_at_most = 0.1\n"),
              HasSubstr("budget[0].wrong_share_at_most is now called max_wrong_fraction"));
  EXPECT_THAT(rule_refusal(budget + "exceed = { over_us = 1, share_at_most = 0.1 }\n"),
              HasSubstr("budget[0].exceed.share_at_most is now called max_fraction"));
  EXPECT_THAT(rule_refusal("[[baseline]]\nkernel = \"a\"\nload = \"b\"\nquantity = \"max\"\n"
                           "ratio_at_most = 1\n"),
              HasSubstr("baseline[0].ratio_at_most is now called max_ratio"));
}

TEST(Policy, RefusesBadRatios) {
  const auto compare = [](const std::string& kernel, const std::string& against, const std::string& quantity,
                          const std::string& ratio) {
    return rule_refusal("[[compare]]\nload = \"*\"\nkernel = \"" + kernel + "\"\nagainst = \"" + against +
                        "\"\nquantity = \"" + quantity + "\"\nmax_ratio = " + ratio + "\n");
  };
  EXPECT_EQ(compare("a", "b", "max", "1.0"), "accepted");
  EXPECT_THAT(compare("*", "b", "max", "1.0"), HasSubstr("kernel must name one kernel"));
  EXPECT_THAT(compare("a", "*", "max", "1.0"), HasSubstr("against must name one kernel"));
  EXPECT_THAT(compare("a", "a", "max", "1.0"), HasSubstr("against must be another kernel"));
  EXPECT_THAT(compare("a", "b", "p99.9", "1.0"),
              HasSubstr("quantity must be one of p50, p90, p99, p99_9, p99_99, max, jitter, mean"));
  for (const char* ratio : {"0.0", "-1.0", "nan", "inf"})
    EXPECT_THAT(compare("a", "b", "max", ratio), HasSubstr("max_ratio must be above 0"));
  EXPECT_THAT(
      rule_refusal("[[baseline]]\nkernel=\"*\"\nload=\"*\"\nagainst=\"b\"\nquantity=\"max\"\nmax_ratio=1\n"),
      HasSubstr("baseline[0].against is an unknown key"));
}

TEST(Policy, JudgesReplicatesInWallClockTimeAlone) {
  const std::string ratio = "[[baseline]]\nkernel=\"*\"\nload=\"*\"\nquantity=\"max\"\nmax_ratio=1\n";
  EXPECT_EQ(make_policy(ratio, testing::wall_policy_head).baselines.size(), 1U);
  EXPECT_EQ(make_policy(ratio, testing::wall_policy_head).min_replicate_fraction, 0.5);
  EXPECT_FALSE(make_policy(ratio).count) << "by the clock";
  EXPECT_EQ(make_policy("count = \"replicates\"\nmin_replicate_fraction = 0.9\n" + ratio).count,
            CountUnit::replicates);
  EXPECT_EQ(make_policy("count = \"samples\"\n" + ratio, testing::wall_policy_head).count,
            CountUnit::samples);
  EXPECT_THAT(rule_refusal("count = \"boots\"\n" + ratio), HasSubstr("count must be samples or replicates"));
  EXPECT_EQ(
      make_policy("min_replicate_fraction = 0.9\n" + ratio, testing::wall_policy_head).min_replicate_fraction,
      0.9);
  for (const char* value : {"0.49", "1.0", "nan", "-1.0"})
    EXPECT_THAT(refusal(testing::wall_policy_head + ("min_replicate_fraction = " + std::string(value)) +
                        "\n" + ratio),
                HasSubstr("min_replicate_fraction must be from 0.5 to below 1"));
  EXPECT_THAT(refusal(testing::wall_policy_head + ("share_of_boots = 0.9\n" + ratio)),
              HasSubstr("share_of_boots is now called min_replicate_fraction"));
  EXPECT_THAT(rule_refusal("min_replicate_fraction = 0.9\n" + ratio),
              HasSubstr("min_replicate_fraction is of replicates alone"));
}

TEST(Policy, NamesAMissingFile) {
  const auto policy = read_policy("/nowhere/release.toml");
  ASSERT_FALSE(policy);
  EXPECT_EQ(policy.error().kind, ErrorKind::usage);
  EXPECT_THAT(policy.error().what, HasSubstr("/nowhere/release.toml: cannot be read"));
}

TEST(Policy, TheProjectsOwnAreValid) {
  const std::filesystem::path suites = std::filesystem::path(LOOPGATE_SOURCE_DIR) / "suites";
  int found = 0;
  for (const auto& folder : std::filesystem::directory_iterator(suites)) {
    const std::filesystem::path path = folder.path() / "release.toml";
    if (!std::filesystem::exists(path)) continue;
    ++found;
    const auto policy = read_policy(path);
    ASSERT_TRUE(policy) << to_text(policy.error());
    EXPECT_EQ(policy->suite, folder.path().filename());
    EXPECT_FALSE(policy->baseline_required) << "a first run has none";
  }
  EXPECT_GT(found, 1);
  EXPECT_TRUE(read_policy(suites / "irq-to-gpio" / "worst-case.toml"));
  const auto strict = read_policy(suites / "irq-to-gpio" / "strict.toml");
  ASSERT_TRUE(strict) << strict.error().what;
  EXPECT_EQ(strict->baselines.size(), 6U);
  const auto board = read_policy(suites / "irq-to-gpio" / "release-on-board.toml");
  ASSERT_TRUE(board) << to_text(board.error());
  EXPECT_EQ(board->suite, "irq-to-gpio");
  EXPECT_EQ(board->time_base, TimeBase::wall_clock);
}

}  // namespace
}  // namespace loopgate::policy_test
