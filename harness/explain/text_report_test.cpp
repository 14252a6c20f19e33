#include "explain/text_report.h"

#include <gmock/gmock.h>

#include <sstream>

namespace loopgate::text_report_test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Two functions, one in each of two phases.
ExplainedSample made_up(std::uint32_t number, std::int64_t waiting_ns, std::int64_t payload_ns) {
  ExplainedSample sample;
  sample.cell = "generic.mixed";
  sample.sample = number;
  sample.latency_ns = waiting_ns + payload_ns;
  sample.phase_ns[static_cast<std::size_t>(Phase::irq_thread_wakeup)] = waiting_ns;
  sample.phase_ns[static_cast<std::size_t>(Phase::payload)] = payload_ns;
  sample.tasks = {{1, 1, "stress-ng-vm", "SCHED_OTHER", 0}, {2, 2, "responder", "SCHED_FIFO", 80}};
  sample.functions = {"busy", "main"};
  sample.chains = {{0, 0}, {0, 0}, {0, 1}};
  sample.spans = {{0, waiting_ns, Phase::irq_thread_wakeup, 0, 1, false, true},
                  {waiting_ns, waiting_ns + payload_ns, Phase::payload, 1, 2, false, false}};
  sample.why = "because";
  return sample;
}

TEST(TextReport, HasOneColumnForEachSampleItIsHeldAgainst) {
  Explanation explanation;
  explanation.explained = {made_up(7, 1'900'000, 100'000)};
  ExplainedSample there = made_up(7, 0, 100'000);
  there.cell = "preempt-rt.mixed";
  explanation.comparisons = {{0, made_up(9, 20'000, 100'000)}, {0, there}};
  const std::string text = to_text(explanation);
  EXPECT_THAT(text, HasSubstr("generic.mixed, sample 7: 2 ms (virtual)\n  because\n"));
  EXPECT_THAT(text, HasSubstr("preempt-rt.mixed, sample 7: 100 us (virtual)\n"));
  EXPECT_THAT(
      text, ::testing::ContainsRegex("irq thread wakeup latency +1,900,000 ns +95.0 % +#+ +20,000 ns +0 ns"));
  EXPECT_THAT(text,
              ::testing::ContainsRegex("latency, their sum +2,000,000 ns 100.0 % +120,000 ns +100,000 ns"));
  EXPECT_THAT(text, ::testing::ContainsRegex("busy +1,900,000 ns +95.0 % +stress-ng-vm +20,000 ns +0 ns"));
}

TEST(TextReport, EndsWithWhatWasAskedForThatDidNothingFirst) {
  Explanation explanation;
  explanation.cell = "generic.mixed";
  EXPECT_EQ(to_text(explanation), "");
  explanation.asked_for = worst_first(
      {{"kernel", "argument", "threadirqs", AskedState::in_effect, "2 irq threads"},
       {"suite", "payload's option", "--chip gpio", AskedState::not_told},
       {"kernel", "argument", "preempt=full", AskedState::unknown, "it hands it on"},
       {"kernel", "argument", "quiet", AskedState::known},
       {"kernel", "argument", "rcupdate.rcu_expeditd=1", AskedState::not_told, "modules say nothing"},
       {"kernel", "argument", "typo", AskedState::not_told},
       {"board", "CPUs", "4 online", AskedState::not_in_effect, "2"},
       {"load", "option", "mixed: --cpu 1", AskedState::in_effect, "1 passed"}});
  EXPECT_EQ(to_text(explanation),
            "\ngeneric.mixed, asked for and what became of it\n"
            "  not in effect: the board's CPUs 4 online: 2\n"
            "  unknown: the kernel's argument preempt=full: it hands it on\n"
            "  not told: the kernel's argument rcupdate.rcu_expeditd=1: modules say nothing\n"
            "  not told: the kernel's argument typo: nothing says whether it had an effect\n"
            "  not told: --chip gpio\n"
            "  known: quiet\n"
            "  in effect: threadirqs; mixed: --cpu 1\n");
  explanation.why_asked_not_known = "evidence.json: is missing";
  EXPECT_EQ(to_text(explanation),
            "\ngeneric.mixed: what became of what was asked for is not known\n  evidence.json: is missing\n");
}

TEST(TextReport, ALongSentenceIsBrokenBetweenWords) {
  Explanation explanation;
  explanation.explained = {made_up(7, 1'900, 100)};
  explanation.explained[0].why = "held up";
  for (int i = 0; i < 60; ++i) explanation.explained[0].why += " word" + std::to_string(i);
  const std::string text = to_text(explanation);
  std::istringstream lines(text.substr(0, text.find("word59") + 6));
  std::string rejoined;
  for (std::string line; std::getline(lines, line);) {
    EXPECT_LE(line.size(), 110U);
    if (line.starts_with("  ")) rejoined += line.substr(1);
  }
  EXPECT_EQ(rejoined, " " + explanation.explained[0].why);
}

TEST(TextReport, WithoutAnotherSampleShowsTheLargest) {
  Explanation explanation;
  explanation.explained = {made_up(7, 1'900, 100)};
  const std::string text = to_text(explanation);
  EXPECT_THAT(text, HasSubstr("functions, largest first"));
  EXPECT_THAT(text, Not(HasSubstr("median")));
  EXPECT_LT(text.find("busy"), text.find("main"));
}

TEST(TextReport, ABarBeginsWhereTheOneBeforeEnds) {
  Explanation explanation;
  explanation.explained = {made_up(7, 500, 500)};
  const std::string text = to_text(explanation);
  EXPECT_THAT(text, ::testing::ContainsRegex("irq thread wakeup latency +500 ns +50.0 %  #########"));
  EXPECT_THAT(text, ::testing::ContainsRegex("payload  +500 ns +50.0 %           ##########\n"));
}

}  // namespace
}  // namespace loopgate::text_report_test
