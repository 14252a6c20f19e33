#include "target/agent/proc.h"

#include <gtest/gtest.h>
#include <sched.h>
#include <unistd.h>

#include <algorithm>

#include "base/testing/temp_folder.h"
#include "target/agent/testing/stat_line.h"

namespace loopgate::proc_test {
namespace {

// Recorded on Debian 13's PREEMPT_RT kernel.
constexpr const char* interrupt_thread =
    "144 (irq/18-stimulus) S 2 0 0 0 -1 2129984 0 0 0 0 0 7 0 0 -51 0 1 0 175 0 0 18446744073709551615 0 0 0 "
    "0 0 0 0 "
    "2147483647 0 0 0 0 17 0 50 1 0 0 0 0 0 0 0 0 0 0 0\n";

TEST(ProcessStat, ReadsAnInterruptThread) {
  const auto stat = parse_process_stat(interrupt_thread);
  ASSERT_TRUE(stat) << stat.error().what;
  EXPECT_EQ(stat->pid, 144);
  EXPECT_EQ(stat->name, "irq/18-stimulus");
  EXPECT_EQ(stat->state, 'S');
  EXPECT_TRUE(stat->kernel_thread);
  EXPECT_EQ(stat->policy, SCHED_FIFO);
  EXPECT_EQ(stat->rt_priority, 50);
  EXPECT_EQ(stat->own_ticks, 7U);
}

TEST(ProcessStat, TakesTheLastBracketAsTheNamesEnd) {
  const auto stat = parse_process_stat(stat_line(7, "a) R (b", 5));
  ASSERT_TRUE(stat) << stat.error().what;
  EXPECT_EQ(stat->name, "a) R (b");
  EXPECT_EQ(stat->session, 5);
  EXPECT_FALSE(stat->kernel_thread);
  EXPECT_EQ(stat->own_ticks, 17U);
  EXPECT_EQ(stat->children_ticks, 40U);
}

TEST(CodeMaps, AreTheExecutableLinesThatHaveAName) {
  const auto maps = parse_code_maps(
      "aaaae0f00000-aaaae0f0a000 r--p 00000000 00:02 123                        /bin/inspect\n"
      "aaaae0f0a000-aaaae0f31000 r-xp 0000a000 00:02 123                        /bin/inspect\n"
      "ffff90000000-ffff90021000 rw-p 00000000 00:00 0 \n"
      "ffff91000000-ffff91001000 r-xp 00000000 00:00 0 \n"
      "ffff92000000-ffff92100000 r-xp 00020000 00:02 77         /usr/lib/a library.so (deleted)\n"
      "ffffa0000000-ffffa0001000 r-xp 00000000 00:00 0                          [vdso]\n"
      "garbage r-xp x y z w\n"
      "ffffa00");
  ASSERT_EQ(maps.size(), 3U);
  EXPECT_EQ(maps[0].file, "/bin/inspect");
  EXPECT_EQ(maps[0].begin, 0xaaaae0f0a000U);
  EXPECT_EQ(maps[0].end, 0xaaaae0f31000U);
  EXPECT_EQ(maps[0].offset, 0xa000U);
  EXPECT_EQ(maps[1].file, "/usr/lib/a library.so (deleted)");
  EXPECT_EQ(maps[2].file, "[vdso]");
}

TEST(CodeMaps, SayWhereThisTestRuns) {
  const auto here = reinterpret_cast<std::uintptr_t>(&parse_code_maps);
  const auto maps = code_maps_of(::getpid());
  const auto mine =
      std::ranges::find_if(maps, [&](const CodeMap& map) { return map.begin <= here && here < map.end; });
  ASSERT_NE(mine, maps.end());
  EXPECT_NE(mine->file.find("agent_test"), std::string::npos);
  EXPECT_TRUE(code_maps_of(-1).empty());
}

TEST(ProcessStat, RefusesEveryTruncation) {
  const std::string whole = interrupt_thread;
  const std::size_t policy = whole.find("50 1 0 0") + 4;  // the last field that is read
  for (std::size_t length = 0; length < policy; ++length) {
    if (const auto cut = parse_process_stat(whole.substr(0, length)); cut) {
      // Only a number that lost its last digit can't be told.
      EXPECT_EQ(cut->pid, 144) << length;
      ADD_FAILURE() << "accepted " << length << " bytes";
    }
  }
}

TEST(ProcessStat, RefusesWhatIsNoNumber) {
  std::string line = stat_line(7, "x", 5);
  line.replace(line.find("4194304"), 7, "4194x04");
  EXPECT_FALSE(parse_process_stat(line));
  EXPECT_FALSE(parse_process_stat("7 x S 1 2 3"));
}

TEST(CpuTicks, CountsWaitingForDisksAsIdle) {
  const auto ticks = parse_cpu_ticks("cpu  100 1 50 800 40 3 6 0 0 0\ncpu0 100 1 50 800 40 3 6 0 0 0\n");
  ASSERT_TRUE(ticks);
  EXPECT_EQ(ticks->idle, 840U);
  EXPECT_EQ(ticks->total, 1000U);
  EXPECT_FALSE(parse_cpu_ticks("cpu  100 1 50 800\n"));
  EXPECT_FALSE(parse_cpu_ticks("intr 100 1 50 800 40 3 6 0 0 0\n"));
  EXPECT_FALSE(parse_cpu_ticks(""));
}

TEST(RunTime, IsTheFirstNumber) {
  EXPECT_EQ(*parse_run_time_ns("25155552 9463392 13\n"), 25155552U);
  EXPECT_FALSE(parse_run_time_ns("25155552"));
  EXPECT_FALSE(parse_run_time_ns("none 1 2"));
}

TEST(KernelArgument, LastOneHolds) {
  const char* line = "quiet loopgate.chip=a loopgate.control_in=4 loopgate.chip=b\n";
  EXPECT_EQ(kernel_argument(line, "loopgate.chip"), "b");
  EXPECT_EQ(kernel_argument(line, "loopgate.control_in"), "4");
  EXPECT_EQ(kernel_argument(line, "loopgate.control"), std::nullopt);
  EXPECT_EQ(kernel_argument(line, "quiet"), std::nullopt);
  EXPECT_EQ(kernel_argument("", "quiet"), std::nullopt);
}

TEST(Usage, SumsASessionsProcesses) {
  const TempFolder proc;
  const auto add = [&](int pid, int session, char state, const std::string& run_time) {
    const std::string folder = std::to_string(pid);
    proc.write(folder + "/stat", stat_line(pid, "stress-ng", session, "4194304", state));
    proc.write(folder + "/task/" + folder + "/schedstat", run_time + " 0 1\n");
  };
  add(130, 130, 'S', "25000000");
  add(132, 130, 'R', "1500001");
  add(140, 130, 'Z', "9");    // ended, not waited for: its time counts, in ticks, and it does not
  add(150, 77, 'R', "5000");  // another's
  proc.write("150/task/151/schedstat", "7 0 1\n");
  proc.write("self/stat", "no number, no process");
  const std::uint64_t tick_ns = 1'000'000'000U / static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));

  const GroupUsage usage = usage_of(130, proc.path(""));
  EXPECT_EQ(usage.processes, 2);
  EXPECT_EQ(usage.cpu_ns, 26'500'001U + (3 * 40 + 17) * tick_ns);
  EXPECT_EQ(usage_of(77, proc.path("")).cpu_ns, 5'007U + 40 * tick_ns);
  EXPECT_EQ(usage_of(4, proc.path("")).processes, 0);
}

TEST(Usage, FindsOneself) {
  const GroupUsage usage = usage_of(::getsid(0));
  EXPECT_GE(usage.processes, 1);
}

}  // namespace
}  // namespace loopgate::proc_test
