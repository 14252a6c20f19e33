#include "run/cells_at_a_time.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/scratch_dir.h"
#include "run/testing/fake_machine.h"

namespace loopgate {
namespace {

TEST(Jobs, AQuotaIsRoundedUpToWholeCpus) {
  EXPECT_EQ(cpus_of_quota("150000 100000\n"), 2);
  EXPECT_EQ(cpus_of_quota("50000 100000\n"), 1);
  EXPECT_EQ(cpus_of_quota("400000 100000\n"), 4);
}

TEST(Jobs, WhatIsNoQuotaLimitsNothing) {
  for (const char* text : {"max 100000\n", "", "100000", "-1 100000", "100000 0", "many 100000", "1 "})
    EXPECT_EQ(cpus_of_quota(text), 0) << text;
}

TEST(Jobs, CpusAndMemoryLimitEachOther) {
  EXPECT_EQ(jobs_that_fit({8, 100'000}, 512), 8);
  EXPECT_EQ(jobs_that_fit({8, 2'000}, 512), 2) << "812 MiB each";
  EXPECT_EQ(jobs_that_fit({8, 100}, 512), 1) << "one is always tried: its own error says what is missing";
  EXPECT_EQ(jobs_that_fit({0, 0}, 512), 1);
}

class JobsOfAMachine : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) {
    std::filesystem::create_directories((root() / name).parent_path());
    ASSERT_TRUE(write_file_atomically(root() / name, text));
  }
  std::filesystem::path root() const { return scratch_->path(); }
  Result<ScratchDir> scratch_ = ScratchDir::create(std::filesystem::temp_directory_path(), "jobs");
};

TEST_F(JobsOfAMachine, MemoryIsWhatIsAvailable) {
  write("proc/meminfo", "MemTotal:       16000000 kB\nMemFree: 1 kB\nMemAvailable:    4096000 kB\n");
  EXPECT_EQ(read_capacity(root()).memory_mib, 4000);
}

TEST_F(JobsOfAMachine, TheTightestControlGroupCounts) {
  write("proc/meminfo", "MemAvailable:    4096000 kB\n");
  write("proc/self/cgroup", "0::/ci/job-7\n");
  write("sys/fs/cgroup/ci/job-7/cpu.max", "max 100000\n");
  write("sys/fs/cgroup/ci/cpu.max", "100000 100000\n");
  write("sys/fs/cgroup/ci/memory.max", "2147483648\n");
  write("sys/fs/cgroup/ci/memory.current", "1073741824\n");
  const Capacity capacity = read_capacity(root());
  EXPECT_EQ(capacity.cpus, 1);
  EXPECT_EQ(capacity.memory_mib, 1024);
}

TEST_F(JobsOfAMachine, AFullControlGroupStillTriesOne) {
  write("proc/self/cgroup", "0::/\n");
  write("sys/fs/cgroup/memory.max", "1000\n");
  write("sys/fs/cgroup/memory.current", "5000\n");
  EXPECT_EQ(read_capacity(root()).memory_mib, 0);
  EXPECT_EQ(jobs_that_fit(read_capacity(root()), 512), 1);
}

TEST_F(JobsOfAMachine, WhatCannotBeReadLimitsNothing) {
  EXPECT_GE(read_capacity(root()).cpus, 1);
  EXPECT_EQ(jobs_that_fit(read_capacity(root()), 512), read_capacity(root()).cpus);
}

TEST(Jobs, WhatIsAskedForCounts) {
  RunOptions options;
  options.jobs = 7;
  EXPECT_EQ(jobs_for(made_up_plan(), options), 7);
}

TEST(Jobs, ABoardIsOneMachine) { EXPECT_EQ(jobs_for(made_up_plan_of_a_board(), {}), 1); }

}  // namespace
}  // namespace loopgate
