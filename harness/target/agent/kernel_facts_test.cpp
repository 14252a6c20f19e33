#include "target/agent/kernel_facts.h"

#include <gmock/gmock.h>
#include <sys/utsname.h>

namespace loopgate {
namespace {

TEST(KernelFacts, AreTheRunningKernels) {
  utsname names{};
  ASSERT_EQ(::uname(&names), 0);
  const KernelFacts facts = read_kernel_facts();
  EXPECT_EQ(facts.release, names.release);
  EXPECT_EQ(facts.version, names.version);
  EXPECT_EQ(facts.machine, names.machine);
  EXPECT_FALSE(facts.command_line.ends_with('\n'));
}

}  // namespace
}  // namespace loopgate
