#include "gate/drift_check.h"

#include <gmock/gmock.h>

#include "gate/comparison_table.h"
#include "gate/testing/made_up_run.h"
#include "stats/quantities.h"

namespace loopgate::drift_check_test {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using testing::latencies_with;
using testing::make_policy;
using testing::make_virtual_statistics;

constexpr const char* said = "drifts: the share above 50.0 us is 4 %, 1 %, 1 % and 1 %; settle_ms";

class Drift : public ::testing::Test {
 protected:
  Drift() {
    run_.groups[0].stationarity.result = Steadiness::drifts;
    run_.groups[0].stationarity.says = said;
  }

  VerdictKind verdict_of(const std::string& limit) {
    const auto verdict =
        evaluate(run_, make_policy("[[budget]]\nkernel = \"a\"\nload = \"mixed\"\n" + limit + "\n"), {});
    EXPECT_TRUE(verdict) << verdict.error().what;
    if (!verdict) return VerdictKind::invalid;
    checks_ = verdict->checks;
    return verdict->checks.front().verdict;
  }
  Verdict compared(const std::string& rules, const std::optional<Baseline>& baseline = {}) {
    const auto verdict = evaluate(run_, make_policy(rules), baseline);
    EXPECT_TRUE(verdict) << verdict.error().what;
    return verdict ? *verdict : Verdict{};
  }

  const std::vector<std::vector<std::int64_t>> replicates_{4, std::vector<std::int64_t>(2'500, 20'000)};
  Comparison run_ = make_virtual_statistics({{"a", "mixed", replicates_}, {"b", "mixed", replicates_}});
  std::vector<Check> checks_;
};

TEST_F(Drift, NoBudgetOfATailPasses) {
  for (const char* limit : {"p99_us = 100", "p99_9_us = 100", "max_us = 100", "jitter_us = 100",
                            "exceed = { over_us = 50, max_fraction = 0.01 }"}) {
    EXPECT_EQ(verdict_of(limit), VerdictKind::inconclusive) << limit;
    EXPECT_THAT(checks_.front().why, EndsWith(std::string("; no PASS, since a ") + said)) << limit;
    EXPECT_FALSE(checks_.front().at_most) << limit << ": it is a PASS's";
  }
}

TEST_F(Drift, WhatIsNoTailIsJudgedAsEver) {
  for (const char* limit : {"p50_us = 100", "p90_us = 100", "late = 0", "unanswered = 0"})
    EXPECT_EQ(verdict_of(limit), VerdictKind::pass) << limit;
}

TEST_F(Drift, AFailStaysOne) { EXPECT_EQ(verdict_of("max_us = 10"), VerdictKind::fail); }

TEST_F(Drift, WhatDoesNotDriftPasses) {
  for (const auto other : {Steadiness::stationary, Steadiness::not_tested}) {
    run_.groups[0].stationarity.result = other;
    EXPECT_EQ(verdict_of("max_us = 100"), VerdictKind::pass);
  }
}

constexpr const char* ratio =
    "[[compare]]\nkernel = \"b\"\nagainst = \"a\"\nload = \"mixed\"\nquantity = \"p99\"\nmax_ratio = 1.1\n";

TEST_F(Drift, NoRatioToWhatDriftsPasses) {
  const Verdict verdict = compared(ratio);
  EXPECT_EQ(verdict.verdict, VerdictKind::inconclusive);
  EXPECT_THAT(verdict.checks.front().why, HasSubstr("; no PASS, since a drifts: "));
}

// Every quantity of a ratio that is of the tail, whatever it is called.
TEST_F(Drift, NoRatioOfATailPasses) {
  for (const Quantity& each : quantities) {
    if (!each.used(in_ratios) || each.kind == QuantityKind::spread) continue;  // equal latencies have none
    if (each.per_million > 995'000) continue;                                  // 2,500 do not resolve them
    const bool tail = each.per_million >= 990'000 || each.kind == QuantityKind::extreme;
    const Verdict verdict =
        compared("[[compare]]\nkernel = \"b\"\nagainst = \"a\"\nload = \"mixed\"\nquantity = \"" +
                 std::string(each.key) + "\"\nmax_ratio = 1.1\n");
    EXPECT_EQ(verdict.verdict, tail ? VerdictKind::inconclusive : VerdictKind::pass) << each.key;
  }
}

TEST_F(Drift, NoRatioToABaselineThatDriftsPasses) {
  Baseline baseline{"before", run_};
  run_.groups[0].stationarity = {};
  const Verdict verdict = compared(
      "[[baseline]]\nkernel = \"a\"\nload = \"mixed\"\nquantity = \"max\"\nmax_ratio = 1.1\n", baseline);
  EXPECT_EQ(verdict.verdict, VerdictKind::inconclusive);
  EXPECT_THAT(verdict.checks.front().why, HasSubstr("; no PASS, since the baseline's a drifts: "));
}

TEST_F(Drift, StandsBelowTheTable) {
  EXPECT_THAT(comparison_table(run_, nullptr), EndsWith(std::string("\na ") + said + "\n"));
  EXPECT_THAT(comparison_table(run_, nullptr), ::testing::Not(HasSubstr("\nb drifts")));
}

}  // namespace
}  // namespace loopgate::drift_check_test
