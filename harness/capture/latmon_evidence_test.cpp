#include "capture/latmon_evidence.h"

#include <gmock/gmock.h>

#include "base/file.h"
#include "base/testing/temp_folder.h"
#include "capture/bounds_run.h"

namespace loopgate::latmon_evidence_test {
namespace {

using testing::HasSubstr;

const std::string head = "title = 't'\nsuite = 'capture'\ntime_base = 'wall'\n";
const std::string budget = head + "[[budget]]\nkernel = '*'\nload = 'mixed'\n";

// Of 10,000 samples all but one are in the cell from 30 us, one took 59.216 us.
LatmonFile measurement(std::uint32_t overruns = 0, std::uint32_t warm_up = 0) {
  LatmonFile file;
  file.board = {"capture", "rpi-4b", "preempt-rt", "mixed"};
  file.data.request = {100, 100};
  file.data.histogram.assign(100, 0);
  file.data.histogram[30] = 9'999 + warm_up;
  file.data.histogram[59] = 1;
  file.data.records = {{9'999 * std::uint64_t{30'500} + 59'216, 30'500, 59'216, 0, 10'000}};
  file.data.overruns_at_end = overruns;
  return file;
}

VerdictKind verdict_of(const LatmonFile& file, const std::string& limits) {
  auto policy = parse_policy(budget + limits, "p.toml");
  EXPECT_TRUE(policy) << policy.error().what;
  auto verdict = judge(evidence_of(file), *policy);
  EXPECT_TRUE(verdict) << verdict.error().what;
  return verdict ? verdict->verdict : VerdictKind::not_gated;
}

TEST(LatmonGate, TheLargestIsKnown) {
  EXPECT_EQ(verdict_of(measurement(), "max_us = 60"), VerdictKind::pass);
  EXPECT_EQ(verdict_of(measurement(), "max_us = 59"), VerdictKind::fail);
  EXPECT_EQ(verdict_of(measurement(), "jitter_us = 29"), VerdictKind::pass);
  EXPECT_EQ(verdict_of(measurement(), "jitter_us = 28"), VerdictKind::fail);
}

TEST(LatmonGate, AQuantileIsJudgedByItsBounds) {
  EXPECT_EQ(verdict_of(measurement(), "p99_us = 31"), VerdictKind::pass);
  EXPECT_EQ(verdict_of(measurement(), "p99_us = 29"), VerdictKind::fail);
  auto within_a_cell = measurement();
  within_a_cell.data.records[0].min_ns = 30'000;
  within_a_cell.data.request.period_us = 100;
  EXPECT_EQ(verdict_of(within_a_cell, "p50_us = 30"), VerdictKind::inconclusive)
      << "they lie from 30.000 to 30.999 us";
  EXPECT_EQ(verdict_of(measurement(), "exceed = { over_us = 40, max_fraction = 1e-3 }"), VerdictKind::pass);
  EXPECT_EQ(verdict_of(measurement(), "exceed = { over_us = 40, max_fraction = 1e-5 }"),
            VerdictKind::inconclusive);
  EXPECT_EQ(verdict_of(measurement(0, 500), "p99_us = 31"), VerdictKind::pass)
      << "warm-up in the histogram alone";
}

TEST(LatmonGate, AnOverrunThatWasNoLateAnswerIsUnanswered) {
  EXPECT_EQ(verdict_of(measurement(1), "max_us = 60"), VerdictKind::fail);
  EXPECT_EQ(verdict_of(measurement(1), "max_us = 60\nunanswered = 1"), VerdictKind::fail)
      << "it is above every limit";
  EXPECT_EQ(verdict_of(measurement(1), "p99_us = 31\nunanswered = 1"), VerdictKind::pass);
  EXPECT_EQ(verdict_of(measurement(1), "p99_us = 31"), VerdictKind::fail)
      << "none may be, unless a budget says so";
  auto late = measurement(1);  // one answer after the period: it may be the overrun, or not
  late.data.records[0].max_ns = 159'216;
  late.data.records[0].sum_ns += 100'000;
  EXPECT_EQ(verdict_of(late, "max_us = 200"), VerdictKind::inconclusive);
}

TEST(LatmonGate, ALimitOfWhatLatmonDoesNotCountIsTheUsersMistake) {
  for (const char* limit : {"late = 0", "not_sent = 0", "wrong = 0", "max_wrong_fraction = 0.1"}) {
    const auto verdict = judge(evidence_of(measurement()), parse_policy(budget + limit, "p.toml").value());
    ASSERT_FALSE(verdict) << limit;
    EXPECT_EQ(verdict.error().kind, ErrorKind::usage) << limit;
    EXPECT_THAT(verdict.error().what,
                HasSubstr(std::string("p.toml: the budget of kernel * under load mixed: ") + limit +
                          ": latmon makes no such count"));
  }
}

TEST(LatmonGate, IncompleteIsInvalid) {
  auto file = measurement();
  file.why_incomplete = "latmon fell silent";
  EXPECT_EQ(verdict_of(file, "max_us = 60"), VerdictKind::invalid);
  file = measurement();
  file.data.records.clear();
  EXPECT_EQ(verdict_of(file, "max_us = 60"), VerdictKind::invalid);
}

TEST(LatmonGate, LeavesTheFilesThatEveryGateLeaves) {
  const TempFolder folder;
  const LatmonFile file = measurement();
  LatmonMeasurement measured;
  measured.data = file.data;
  measured.took = std::chrono::seconds(1);
  (void)folder.write("latmon.json", to_json(file.board, measured, *summarize(file.data)));
  const auto policy = folder.write("policy.toml", budget + "max_us = 60\n");
  const auto verdict = gate_bounds(folder.path(), policy);
  ASSERT_TRUE(verdict) << verdict.error().what;
  EXPECT_THAT(read_file(folder.path() / "verdict.json").value(), HasSubstr("\"verdict\": \"PASS\""));
  const std::string junit = read_file(folder.path() / "junit.xml").value();
  EXPECT_THAT(junit, HasSubstr("name=\"count\" value=\"10000\""));
  EXPECT_THAT(junit, HasSubstr("not_counted"));
  EXPECT_THAT(junit, Not(HasSubstr("name=\"unanswered\""))) << "a count that nobody made is none of 0";
  const std::string markdown = read_file(folder.path() / "verdict.md").value();
  EXPECT_THAT(markdown, HasSubstr("PASS"));
  EXPECT_THAT(markdown, HasSubstr("10,000 stimuli"));

  ASSERT_FALSE(gate_bounds(folder.path(), folder.write("other.toml", head)));
  for (const char* name : {"verdict.json", "junit.xml", "verdict.md"})
    EXPECT_TRUE(std::filesystem::exists(folder.path() / name)) << "of the call before";
}

TEST(LatmonGate, RefusesPoliciesThatAreNotForIt) {
  const auto problem = [](const std::string& text) {
    auto policy = parse_policy(text, "p.toml");
    EXPECT_TRUE(policy) << policy.error().what;
    auto verdict = judge(evidence_of(measurement()), *policy);
    EXPECT_FALSE(verdict);
    if (verdict) return std::string();
    EXPECT_EQ(verdict.error().kind, ErrorKind::usage);
    return verdict.error().what;
  };
  const auto with = [](std::string text, const std::string& from, const std::string& to) {
    return text.replace(text.find(from), from.size(), to) + "max_us = 60\n";
  };
  EXPECT_THAT(problem(with(budget, "capture", "irq-to-gpio")), HasSubstr("for suite irq-to-gpio"));
  EXPECT_THAT(problem(with(budget, "wall", "virtual")), HasSubstr("virtual time"));
  EXPECT_THAT(problem(with(budget, "mixed", "idle")),
              HasSubstr("no budget for kernel preempt-rt under load mixed"));
  Policy compares = *parse_policy(budget + "max_us = 60\n", "p.toml");
  compares.compares.push_back({{"a", "*"}, "b", "max", 1});
  EXPECT_THAT(judge(evidence_of(measurement()), compares).error().what, HasSubstr("figures are bounds"));
}

}  // namespace
}  // namespace loopgate::latmon_evidence_test
