#include "target/agent/kernel_facts.h"

#include <gmock/gmock.h>
#include <sys/utsname.h>

namespace loopgate::kernel_facts_test {
namespace {

TEST(KernelFacts, AreTheRunningKernels) {
  utsname names{};
  ASSERT_EQ(::uname(&names), 0);
  const KernelFacts facts = read_kernel_facts({});
  EXPECT_FALSE(facts.answers);
  EXPECT_EQ(facts.release, names.release);
  EXPECT_EQ(facts.version, names.version);
  EXPECT_EQ(facts.machine, names.machine);
  EXPECT_FALSE(facts.command_line.ends_with('\n'));
}

TEST(KernelFacts, AnswerWhatIsAsked) {
  const KernelFacts facts =
      read_kernel_facts(KernelQuestions{{"/proc/version", "/nonexistent/file"}, {"no line has these words"}});
  ASSERT_TRUE(facts.answers);
  ASSERT_EQ(facts.answers->files.size(), 1U);
  EXPECT_THAT(facts.answers->files.at("/proc/version"), ::testing::StartsWith("Linux version"));
  EXPECT_TRUE(facts.answers->log.empty());
}

}  // namespace
}  // namespace loopgate::kernel_facts_test
