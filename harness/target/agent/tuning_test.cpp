#include "target/agent/tuning.h"

#include <gmock/gmock.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "base/testing/temp_folder.h"
#include "target/agent/child.h"
#include "target/agent/testing/stat_line.h"
#include "target/agent/text_file.h"

namespace loopgate::tuning_test {
namespace {

const std::vector<ThreadRule> rules = {{"irq/*-stimulus", SCHED_FIFO, 85, true},
                                       {"irq/*", SCHED_FIFO, 40, false},
                                       {"ksoftirqd/*", SCHED_OTHER, 0, true}};

TEST(ThreadRules, TheFirstThatMatchesHolds) {
  ASSERT_NE(rule_for(rules, "irq/45-stimulus"), nullptr);
  EXPECT_EQ(rule_for(rules, "irq/45-stimulus")->priority, 85);
  EXPECT_EQ(rule_for(rules, "irq/13-uart-pl011")->priority, 40);
  EXPECT_EQ(rule_for(rules, "ksoftirqd/0")->policy, SCHED_OTHER);
  EXPECT_EQ(rule_for(rules, "kworker/0:1"), nullptr);
  EXPECT_EQ(rule_for(rules, "ksoftirqd"), nullptr);
  EXPECT_EQ(rule_for({}, "irq/45-stimulus"), nullptr);
}

TEST(ThreadRules, ARequiredOneWithoutAThreadIsNotOk) {
  const TempFolder proc;
  proc.write("9/stat", stat_line(9, "irq/9-stimulus", 0));  // a program that only has the name
  Tuner tuner;
  const auto rows = tuner.apply_threads(rules, proc.path(""));
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].what, "irq/*-stimulus");
  EXPECT_EQ(rows[0].wanted, "fifo 85");
  EXPECT_EQ(rows[0].read_back, "no such thread");
  EXPECT_FALSE(rows[0].ok);
  EXPECT_EQ(rows[1].what, "ksoftirqd/*");
}

TEST(ThreadRules, AreReadBackFromTheKernel) {
  auto child = Child::start("sleeper", {"sleep", "60"});
  ASSERT_TRUE(child) << child.error().what;
  const TempFolder proc;
  const std::string pid = std::to_string(child->pid());
  proc.write(pid + "/stat", stat_line(child->pid(), "ksoftirqd/0", 0, "69238848"));
  Tuner tuner;
  const auto rows = tuner.apply_threads({{"ksoftirqd/*", SCHED_OTHER, 0, true}}, proc.path(""));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].what, "ksoftirqd/0");
  EXPECT_EQ(rows[0].pid, child->pid());
  EXPECT_EQ(subject_of(rows[0]), "ksoftirqd/0 (pid " + pid + ")");
  EXPECT_EQ(rows[0].read_back, "other");
  EXPECT_TRUE(rows[0].ok);
  child->signal(SIGKILL);
}

// On this machine: CPU 0 is there and CPU 1023 is not.
TEST(ThreadRules, KeepAThreadToCpus) {
  auto child = Child::start("sleeper", {"sleep", "60"});
  ASSERT_TRUE(child) << child.error().what;
  cpu_set_t before, seen;
  ASSERT_EQ(::sched_getaffinity(child->pid(), sizeof(before), &before), 0);
  if (CPU_ISSET(0, &before) == 0 || CPU_COUNT(&before) < 2) GTEST_SKIP() << "needs CPU 0 and another";
  const TempFolder proc;
  const std::string pid = std::to_string(child->pid());
  proc.write(pid + "/stat", stat_line(child->pid(), "ksoftirqd/0", 0, "69238848"));
  Tuner tuner;
  auto rows = tuner.apply_threads({{"ksoftirqd/*", SCHED_OTHER, 0, true, {0}}}, proc.path(""));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].wanted, "other on CPU 0");
  EXPECT_EQ(rows[0].read_back, "other on CPU 0");
  EXPECT_TRUE(rows[0].ok);
  rows = tuner.apply_threads({{"ksoftirqd/*", SCHED_OTHER, 0, true, {1023}}}, proc.path(""));
  EXPECT_EQ(rows.at(0).read_back, "other on CPU 0 (Invalid argument)");
  EXPECT_FALSE(rows.at(0).ok);
  tuner.restore(proc.path(""));
  ASSERT_EQ(::sched_getaffinity(child->pid(), sizeof(seen), &seen), 0);
  EXPECT_TRUE(CPU_EQUAL(&before, &seen)) << "as it was before both rules";
  EXPECT_FALSE(threads_as_they_are({{"ksoftirqd/*", SCHED_OTHER, 0, true, {0}}}, proc.path("")).at(0).ok);
  child->signal(SIGKILL);
}

// As a new interrupt thread does: it takes its own policy after it was given the rule's.
TEST(ThreadRules, HoldForAThreadThatBeginsWithItsOwnPolicy) {
  const pid_t beginner = ::fork();
  if (beginner == 0) {
    const sched_param none{};
    while (::sched_getscheduler(0) != SCHED_BATCH) ::sched_yield();
    ::sched_setscheduler(0, SCHED_OTHER, &none);
    for (;;) ::pause();
  }
  const TempFolder proc;
  proc.write(std::to_string(beginner) + "/stat", stat_line(beginner, "irq/18-stimulus", 0, "69238848", 'R'));
  Tuner tuner(std::chrono::milliseconds(500));
  const auto rows = tuner.apply_threads({{"irq/*-stimulus", SCHED_BATCH, 0, true}}, proc.path(""));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_TRUE(rows[0].ok);
  std::this_thread::sleep_for(std::chrono::milliseconds(100));  // in which one that had not begun would begin
  EXPECT_EQ(::sched_getscheduler(beginner), SCHED_BATCH);
  ::kill(beginner, SIGKILL);
  ::waitpid(beginner, nullptr, 0);
}

// A thread that came after the rules were applied, as of a line that is requested later, and one that was
// changed back.
TEST(ThreadRules, AreReadBackLaterOfThreadsThatCameMeanwhileToo) {
  auto child = Child::start("sleeper", {"sleep", "60"});
  ASSERT_TRUE(child) << child.error().what;
  const TempFolder proc;
  const std::string pid = std::to_string(child->pid());
  proc.write(pid + "/stat", stat_line(child->pid(), "irq/50-eth0", 0, "2129984"));
  const auto rows = threads_as_they_are({{"irq/*", SCHED_FIFO, 40, false}}, proc.path(""));
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(subject_of(rows[0]), "irq/50-eth0 (pid " + pid + ")");
  EXPECT_EQ(rows[0].wanted, "fifo 40");
  EXPECT_EQ(rows[0].read_back, "other") << "nothing is set";
  EXPECT_FALSE(rows[0].ok);
  EXPECT_EQ(threads_as_they_are({{"gone/*", SCHED_FIFO, 40, true}}, proc.path("")).at(0).read_back,
            "no such thread");
  EXPECT_TRUE(threads_as_they_are({{"gone/*", SCHED_FIFO, 40, false}}, proc.path("")).empty());
  child->signal(SIGKILL);
}

TEST(Policies, ThatChangedAreFound) {
  auto child = Child::start("sleeper", {"sleep", "60"});
  ASSERT_TRUE(child) << child.error().what;
  const auto before = policies_of(child->pid());
  ASSERT_EQ(before, (std::map<pid_t, std::string>{{child->pid(), "other"}}));
  EXPECT_TRUE(policies_as_they_are(child->pid(), "payload", before).at(0).ok);
  const sched_param none{};
  ASSERT_EQ(::sched_setscheduler(child->pid(), SCHED_BATCH, &none), 0);
  const TuningRow row = policies_as_they_are(child->pid(), "payload", before).at(0);
  EXPECT_THAT(row.what, ::testing::StartsWith("policy of the payload's thread s"));
  EXPECT_EQ(row.wanted, "other");
  EXPECT_EQ(row.read_back, "batch");
  EXPECT_FALSE(row.ok);
  EXPECT_TRUE(policies_as_they_are(child->pid(), "payload", {{::getpid(), "fifo 80"}}).empty())
      << "a thread that ended, and whose number is another process' now";
  child->signal(SIGKILL);
}

TEST(FileRules, AreReadBackLater) {
  const TempFolder scratch;
  const std::string file = scratch.write("knob", "-1\n");
  EXPECT_TRUE(files_as_they_are({{file, "-1", "-1"}}).at(0).ok);
  const TuningRow undone = files_as_they_are({{file, "2", "2"}}).at(0);
  EXPECT_FALSE(undone.ok);
  EXPECT_EQ(undone.read_back, "-1");
  EXPECT_THAT(files_as_they_are({{scratch.path("none"), "1", "1"}}).at(0).read_back,
              ::testing::HasSubstr("none: cannot be read"));
}

TEST(FileRules, AreReadBackAndPutBack) {
  const TempFolder scratch;
  const std::string file = scratch.write("knob", "950000\n");
  Tuner tuner;
  const auto rows =
      tuner.apply_files({{file, "-1", "-1"}, {file, "2", "3"}, {scratch.path("none"), "1", "1"}});
  ASSERT_EQ(rows.size(), 3U);
  EXPECT_TRUE(rows[0].ok);
  EXPECT_EQ(rows[0].read_back, "-1");
  EXPECT_FALSE(rows[1].ok);
  EXPECT_EQ(rows[1].read_back, "2");
  EXPECT_FALSE(rows[2].ok);
  EXPECT_THAT(rows[2].read_back, ::testing::HasSubstr("none: cannot be written"));
  tuner.restore();
  EXPECT_EQ(*read_text(file), "950000\n");
}

// As /sys/kernel/mm/transparent_hugepage/enabled has it.
TEST(FileRules, OfAListWhatWasChosenIsPutBack) {
  const TempFolder scratch;
  const std::string list = scratch.write("enabled", "always [madvise] never\n");
  const std::string no_list = scratch.write("knob", "[a] [b]\n");
  Tuner tuner;
  tuner.apply_files({{list, "never", "never"}, {no_list, "1", "1"}});
  tuner.restore();
  EXPECT_EQ(*read_text(list), "madvise");
  EXPECT_EQ(*read_text(no_list), "[a] [b]\n");
}

TEST(KeepToCpus, IsReadBack) {
  cpu_set_t before;
  ASSERT_EQ(::sched_getaffinity(0, sizeof(before), &before), 0);
  int first = 0;
  while (!CPU_ISSET(static_cast<std::size_t>(first), &before)) ++first;
  const TuningRow kept = keep_to_cpus(0, "payload", {first});
  EXPECT_TRUE(kept.ok) << kept.read_back;
  EXPECT_EQ(kept.what, "CPUs of the payload");
  EXPECT_EQ(kept.read_back, std::to_string(first));
  ASSERT_EQ(::sched_setaffinity(0, sizeof(before), &before), 0);
  const TuningRow refused = keep_to_cpus(0, "payload", {1023});
  EXPECT_FALSE(refused.ok);
  EXPECT_EQ(refused.wanted, "1023");
}

TEST(CpusOf, AreThoseOfAllThatAProcessBegan) {
  cpu_set_t before;
  ASSERT_EQ(::sched_getaffinity(0, sizeof(before), &before), 0);
  std::string allowed;
  int last = 0;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (!CPU_ISSET(static_cast<std::size_t>(cpu), &before)) continue;
    allowed += (allowed.empty() ? "" : ",") + std::to_string(cpu);
    last = cpu;
  }
  const std::string on_last = "taskset -c " + std::to_string(last) + " sleep 20";
  auto bound = Child::start("bound", {"sh", "-c", "exec " + on_last});
  auto loose = Child::start("loose", {"sh", "-c", on_last + " & sleep 20"});
  ASSERT_TRUE(bound && loose);
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (cpus_of(bound->pid()) != std::to_string(last) && std::chrono::steady_clock::now() < end)
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  EXPECT_EQ(cpus_of(bound->pid()), std::to_string(last));
  EXPECT_EQ(cpus_of(loose->pid()), allowed);
  kill_all_of(bound->pid());
  kill_all_of(loose->pid());
  EXPECT_EQ(cpus_of(-1), "");
}

TEST(KeepToCpus, IsReadBackLaterOfAllThreads) {
  cpu_set_t before;
  ASSERT_EQ(::sched_getaffinity(0, sizeof(before), &before), 0);
  std::vector<int> allowed;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu)
    if (CPU_ISSET(static_cast<std::size_t>(cpu), &before)) allowed.push_back(cpu);
  EXPECT_TRUE(cpus_as_they_are(::getpid(), "payload", allowed).ok);
  allowed.push_back(1023);
  EXPECT_TRUE(cpus_as_they_are(::getpid(), "payload", allowed).ok) << "some of them only";
  EXPECT_FALSE(cpus_as_they_are(::getpid(), "payload", {1023}).ok);
  EXPECT_FALSE(cpus_as_they_are(1 << 30, "payload", {0}).ok) << "no process, no proof";
}

TEST(Checks, CompareTheWholeOrAPart) {
  const TempFolder scratch;
  const std::string file = scratch.write("cmdline", "quiet threadirqs\n");
  EXPECT_TRUE(check_file({"", file, "threadirqs", false}).passed);
  EXPECT_FALSE(check_file({"", file, "threadirqs", true}).passed);
  EXPECT_TRUE(check_file({"", file, "quiet threadirqs", true}).passed);
  const CheckRow missing = check_file({"live", scratch.path("none"), "1", true});
  EXPECT_FALSE(missing.passed);
  EXPECT_THAT(missing.seen, ::testing::HasSubstr("none: cannot be read"));
}

TEST(Audit, ListsRealTimeKernelThreadsAndKsoftirqd) {
  const TempFolder proc;
  const auto add = [&](int pid, const std::string& name, const char* flags, int priority, int policy) {
    proc.write(std::to_string(pid) + "/stat", stat_line(pid, name, 0, flags, 'S', priority, policy));
  };
  add(30, "irq/9-x", "2129984", 50, SCHED_FIFO);
  add(16, "ksoftirqd/0", "69238848", 0, SCHED_OTHER);
  add(17, "kworker/0:0", "69238880", 0, SCHED_OTHER);
  add(99, "responder", "4194304", 80, SCHED_FIFO);
  const auto threads = audited_threads(proc.path(""));
  ASSERT_EQ(threads.size(), 2U);
  EXPECT_EQ(threads[0].name, "ksoftirqd/0");
  EXPECT_EQ(threads[1].name, "irq/9-x");
}

TEST(PolicyText, NamesThem) {
  EXPECT_EQ(policy_text(SCHED_FIFO, 85), "fifo 85");
  EXPECT_EQ(policy_text(SCHED_RR, 1), "rr 1");
  EXPECT_EQ(policy_text(SCHED_OTHER, 0), "other");
  EXPECT_EQ(policy_text(6, 0), "deadline");
  EXPECT_EQ(policy_text(42, 0), "policy 42");
}

}  // namespace
}  // namespace loopgate::tuning_test
