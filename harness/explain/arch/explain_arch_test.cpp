#include "explain/arch/explain_arch.h"

#include <gmock/gmock.h>

namespace loopgate::explain_arch_test {
namespace {

using ::testing::HasSubstr;

TEST(ExplainArch, TellsArm64sCallsReturnsAndVectorsApart) {
  const ExplainArch& arch = **explain_arch("arm64");
  EXPECT_TRUE(arch.is_call(0x94000000));              // BL
  EXPECT_TRUE(arch.is_call(0xd63f0020));              // BLR x1
  EXPECT_FALSE(arch.is_call(0x14000000));             // B
  EXPECT_TRUE(arch.is_return(0xd65f03c0));            // RET
  EXPECT_TRUE(arch.is_exception_return(0xd69f03e0));  // ERET
  EXPECT_FALSE(arch.is_return(0xd69f03e0));
  EXPECT_FALSE(arch.is_interrupt_vector(0x200));  // synchronous, from the kernel itself
  EXPECT_TRUE(arch.is_interrupt_vector(0x280));
  EXPECT_TRUE(arch.is_kernel(0xffff800080000000));
  EXPECT_FALSE(arch.is_kernel(0x400000));
}

TEST(ExplainArch, AnUnknownOneIsRefusedByName) {
  for (const char* name : {"amd64", "", "ARM64"}) {
    const auto arch = explain_arch(name);
    ASSERT_FALSE(arch) << name;
    EXPECT_EQ(arch.error().kind, ErrorKind::usage);
    EXPECT_THAT(arch.error().what, HasSubstr(name));
  }
}

}  // namespace
}  // namespace loopgate::explain_arch_test
