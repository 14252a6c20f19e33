#include "qemu/plugin/arch/arch_ops.h"

#include <gmock/gmock.h>

#include <algorithm>

namespace loopgate::arch_ops_test {
namespace {

using ::testing::HasSubstr;

TEST(ArchOps, KnowsArm64sInstructionsAndVectors) {
  const ArchOps& ops = **arch_ops("arm64");
  EXPECT_TRUE(ops.is_system_call(0xd4000001));
  EXPECT_TRUE(ops.is_exception_return(0xd69f03e0));
  EXPECT_FALSE(ops.is_exception_return(0xd65f03c0));
  EXPECT_TRUE(ops.is_user(0x0000'7fff'ffff'f000));
  EXPECT_FALSE(ops.is_user(0xffff'8000'8000'0000));
  EXPECT_TRUE(ops.is_vector_entry(0x280));
  EXPECT_TRUE(ops.is_vector_entry(0x284));
  EXPECT_FALSE(ops.is_vector_entry(0x288));
  EXPECT_FALSE(ops.is_vector_entry(0x800)) << "the table is over";
  EXPECT_FALSE(ops.is_vector_entry(~std::uint64_t{0}));
  EXPECT_TRUE(ops.is_interrupt_entry(0x280)) << "IRQ, from the kernel";
  EXPECT_TRUE(ops.is_interrupt_entry(0x500)) << "FIQ, from user space";
  EXPECT_FALSE(ops.is_interrupt_entry(0x400)) << "a system call or a fault";
  EXPECT_FALSE(ops.is_interrupt_entry(0x880)) << "the table is over";
  EXPECT_TRUE(ops.waits_for_interrupt(0xd503207f));
  EXPECT_FALSE(ops.waits_for_interrupt(0xd503201f)) << "NOP";
  EXPECT_EQ(ops.path_begin.size(), 4U);
  EXPECT_FALSE(std::ranges::equal(ops.path_begin, ops.path_end));
}

TEST(ArchOps, AnUnknownArchitectureIsRefusedByName) {
  for (const char* name : {"amd64", "", "aarch64"}) {
    const auto ops = arch_ops(name);
    ASSERT_FALSE(ops) << name;
    EXPECT_EQ(ops.error().kind, ErrorKind::usage);
    EXPECT_THAT(ops.error().what, HasSubstr("\"" + std::string(name) + "\""));
  }
}

}  // namespace
}  // namespace loopgate::arch_ops_test
