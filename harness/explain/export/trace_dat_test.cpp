#include "explain/export/trace_dat.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <regex>
#include <sstream>

#include "base/process.h"
#include "base/testing/temp_folder.h"
#include "explain/export/testing/made_up_sample.h"

namespace loopgate::trace_dat_test {
namespace {

using ::testing::ElementsAre;
using testing::event;
using ::testing::HasSubstr;
using testing::made_up_sample;
using testing::made_up_sample_of_two_cpus;
using testing::made_up_stimulus_ns;
using ::testing::StartsWith;

using Kind = TaskEvent::Kind;

std::string squeezed(std::string text) {
  text = std::regex_replace(text, std::regex(" +"), " ");
  return std::regex_replace(text, std::regex("^ | $"), "");
}

// What `trace-cmd report` says, an event a line, without its own first lines and with single spaces.
std::vector<std::string> reported(const ExplainedSample& sample,
                                  const std::vector<std::string>& options = {}) {
  const TempFolder folder;
  const auto file = folder.write("trace.dat", to_trace_dat(sample));
  std::vector<std::string> argv = {"trace-cmd", "report", "-i", file.string(), "-t"};
  argv.insert(argv.end(), options.begin(), options.end());
  const auto finished = run_program(argv, std::chrono::seconds(60));
  if (!finished) {
    ADD_FAILURE() << to_text(finished.error());
    return {};
  }
  EXPECT_EQ(finished->exit_status, 0);
  EXPECT_EQ(finished->errors, "");
  std::vector<std::string> lines;
  std::istringstream text(finished->output);
  for (std::string line; std::getline(text, line);) {
    if (!line.starts_with("cpus=") && !line.starts_with("version")) lines.push_back(squeezed(line));
  }
  return lines;
}

bool no_trace_cmd() { return find_program("trace-cmd").empty(); }
constexpr const char* not_installed = "trace-cmd is not installed";

TEST(TraceDat, TraceCmdReportsEveryEventAtItsTime) {
  if (no_trace_cmd()) GTEST_SKIP() << not_installed;
  EXPECT_THAT(
      reported(made_up_sample(), {"-N"}),
      ElementsAre(
          "cryptomgr_test-45 [000] 5.000000123: print: loopgate: stimulus",
          "cryptomgr_test-45 [000] 5.200000223: irq_handler_entry: irq=23 name=pl061",
          "cryptomgr_test-45 [000] 5.200000273: sched_wakeup: comm=irq/23-responde pid=80 prio=49 "
          "target_cpu=000",
          "cryptomgr_test-45 [000] 5.200000323: irq_handler_exit: irq=23",
          "cryptomgr_test-45 [000] 5.200000423: sched_switch: prev_comm=cryptomgr_test prev_pid=45 "
          "prev_prio=120 "
          "prev_state=R ==> next_comm=irq/23-responde next_pid=80 next_prio=49",
          "irq/23-responde-80 [000] 5.200000473: sched_wakeup: comm=responder pid=99 prio=19 target_cpu=000",
          "irq/23-responde-80 [000] 5.200000523: sched_switch: prev_comm=irq/23-responde prev_pid=80 "
          "prev_prio=49 "
          "prev_state=S ==> next_comm=responder next_pid=99 next_prio=19",
          "responder-99 [000] 5.200000528: sys_exit: NR 63 = 48",
          "responder-99 [000] 5.200000573: sys_enter: NR 29 ioctl",
          "responder-99 [000] 5.200000623: print: loopgate: response"));
}

TEST(TraceDat, EveryEventIsOnItsCpu) {
  if (no_trace_cmd()) GTEST_SKIP() << not_installed;
  const std::vector<std::string> lines = reported(made_up_sample_of_two_cpus(), {"-N"});
  ASSERT_EQ(lines.size(), 10U);
  for (std::size_t i = 0; i < lines.size(); ++i)
    EXPECT_THAT(lines[i], HasSubstr(i < 6 ? "[001] 5." : "[003] 5.")) << i;
  EXPECT_THAT(lines[2], HasSubstr("pid=80 prio=49 target_cpu=001"));
  EXPECT_THAT(lines[5], HasSubstr("pid=99 prio=19 target_cpu=003"));
}

TEST(TraceDat, TraceCmdsPluginsKnowItsSwitches) {
  if (no_trace_cmd()) GTEST_SKIP() << not_installed;
  const std::vector<std::string> lines = reported(made_up_sample());
  ASSERT_EQ(lines.size(), 10U);
  EXPECT_THAT(lines[4], HasSubstr("cryptomgr_test:45 [120] R ==> irq/23-responde:80 [49]"));
  EXPECT_THAT(lines[6], HasSubstr("irq/23-responde:80 [49] S ==> responder:99 [19]"));
}

TEST(TraceDat, AnInterruptsEventsSayThatTheyAre) {
  if (no_trace_cmd()) GTEST_SKIP() << not_installed;
  const std::vector<std::string> lines = reported(made_up_sample(), {"-l"});
  ASSERT_EQ(lines.size(), 10U);
  EXPECT_THAT(lines[1], HasSubstr("d.h"));
  EXPECT_THAT(lines[3], HasSubstr("d.h"));
  EXPECT_THAT(lines[4], Not(HasSubstr("d.h")));
}

TEST(TraceDat, ManyPagesAndLongNames) {
  if (no_trace_cmd()) GTEST_SKIP() << not_installed;
  ExplainedSample sample = made_up_sample();
  sample.events.clear();
  constexpr int count = 1'000;
  for (int i = 0; i < count; ++i)
    sample.events.push_back(event(Kind::irq_entry, i * std::int64_t{200'001}, 0, 0, i, 0,
                                  std::string(static_cast<std::size_t>(i % 200), 'n')));
  const std::vector<std::string> lines = reported(sample);
  ASSERT_EQ(lines.size(), count + 2U);
  for (int i = 0; i < count; ++i) {
    const std::int64_t at_ns = made_up_stimulus_ns + i * std::int64_t{200'001};
    EXPECT_EQ(lines[static_cast<std::size_t>(i) + 1],
              squeezed(fmt::format("cryptomgr_test-45 [000] {}.{:09}: irq_handler_entry: irq={} name={}",
                                   at_ns / 1'000'000'000, at_ns % 1'000'000'000, i,
                                   std::string(static_cast<std::size_t>(i % 200), 'n'))));
  }
}

TEST(TraceDat, StatesAsTheKernelReportsThem) {
  if (no_trace_cmd()) GTEST_SKIP() << not_installed;
  ExplainedSample sample = made_up_sample();
  sample.events.clear();
  for (const std::int64_t state : {0, 1, 2, 0x102, 0x402, 4, 0x10, 0x20, 0x1000, 0x8000, 0x800})
    sample.events.push_back(event(Kind::sched_switch, 10, 0, 1, 0, state));
  std::string states;
  for (const std::string& line : reported(sample, {"-N"})) {
    const auto at = line.find("prev_state=");
    if (at != std::string::npos) states += line.substr(at + 11, line.find(" ==>") - at - 11);
  }
  EXPECT_EQ(states, "RSDDITXZDDR");
}

TEST(TraceDat, EveryPolicysPriorityIsTheKernels) {
  if (no_trace_cmd()) GTEST_SKIP() << not_installed;
  ExplainedSample sample = made_up_sample();
  sample.tasks = {{0, 0, "swapper/0", "SCHED_OTHER", 0},
                  {7, 7, "nice\none", "SCHED_BATCH", -20},
                  {8, 8, "", "SCHED_DEADLINE", 0},
                  {9, 9, "turns", "SCHED_RR", 99}};
  sample.events = {event(Kind::sched_wakeup, 1, 0, 1), event(Kind::sched_wakeup, 2, 0, 2),
                   event(Kind::sched_wakeup, 3, 0, 3), event(Kind::sched_wakeup, 4, 1, 0)};
  sample.spans.clear();
  const std::vector<std::string> lines = reported(sample, {"-N"});
  ASSERT_EQ(lines.size(), 6U);
  EXPECT_THAT(lines[0], StartsWith("<idle>-0 [000] 5.000000123: print:"));
  EXPECT_THAT(lines[1], HasSubstr("comm=nice?one pid=7 prio=100"));
  EXPECT_THAT(lines[2], HasSubstr("comm= pid=8 prio=-1"));
  EXPECT_THAT(lines[3], HasSubstr("comm=turns pid=9 prio=0"));
  EXPECT_THAT(lines[4],
              StartsWith("nice?one-7 [000] 5.000000127: sched_wakeup: comm=swapper/0 pid=0 prio=120"));
}

TEST(TraceDat, HasItsPagesWhereAReaderMayMapThem) {
  const std::string file = to_trace_dat(made_up_sample());
  EXPECT_THAT(file, StartsWith(std::string("\x17\x08\x44tracing6\0\0\x08\x00\x10\0\0header_page\0", 29)));
  EXPECT_EQ(file.size() % 4096, 0U);
  EXPECT_THAT(file, HasSubstr("loopgate: generic.mixed, sample 4711, virtual time"));
}

TEST(TraceDat, WhatComesAfterTheResponseStandsAfterIt) {
  if (no_trace_cmd()) GTEST_SKIP() << not_installed;
  ExplainedSample sample = made_up_sample();
  sample.events = {event(Kind::sys_exit, 200'000'501, 2, 0, 29), event(Kind::irq_exit, 200'000'500, 2, 0, 23),
                   event(Kind::sys_enter, 0, 2, 0, 29)};
  const std::vector<std::string> lines = reported(sample);
  ASSERT_EQ(lines.size(), 5U);
  EXPECT_THAT(lines[0], HasSubstr("loopgate: stimulus"));
  EXPECT_THAT(lines[1], HasSubstr("5.000000123: sys_enter"));
  EXPECT_THAT(lines[2], HasSubstr("5.200000623: irq_handler_exit"));
  EXPECT_THAT(lines[3], HasSubstr("5.200000623: print: loopgate: response"));
  EXPECT_THAT(lines[4], HasSubstr("5.200000624: sys_exit"));
}

TEST(TraceDat, ASampleWithoutEventsHasItsMarks) {
  if (no_trace_cmd()) GTEST_SKIP() << not_installed;
  ExplainedSample nothing;
  nothing.latency_ns = 17;
  EXPECT_THAT(reported(nothing), ElementsAre("<idle>-0 [000] 0.000000000: print: loopgate: stimulus",
                                             "<idle>-0 [000] 0.000000017: print: loopgate: response"));
}

}  // namespace
}  // namespace loopgate::trace_dat_test
