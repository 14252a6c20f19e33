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
  KernelLayout layout;
  layout.vectors = 0xffff'8000'8001'0000;
  const auto entry = [&](std::uint64_t offset) { return ops.entry_at(layout, layout.vectors + offset); };
  EXPECT_EQ(entry(0x280), KernelEntry::interrupt) << "IRQ, from the kernel";
  EXPECT_EQ(entry(0x284), KernelEntry::interrupt);
  EXPECT_EQ(entry(0x288), KernelEntry::none);
  EXPECT_EQ(entry(0x500), KernelEntry::interrupt) << "FIQ, from user space";
  EXPECT_EQ(entry(0x400), KernelEntry::exception) << "a system call or a fault";
  EXPECT_EQ(entry(0x800), KernelEntry::none) << "the table is over";
  EXPECT_EQ(entry(0x880), KernelEntry::none);
  EXPECT_EQ(entry(~std::uint64_t{0}), KernelEntry::none);
  EXPECT_TRUE(ops.in_vectors(layout, layout.vectors + 0x7fc));
  EXPECT_FALSE(ops.in_vectors(layout, layout.vectors + 0x800));
  EXPECT_TRUE(ops.waits_for_interrupt(0xd503207f));
  EXPECT_FALSE(ops.waits_for_interrupt(0xd503201f)) << "NOP";
  for (const auto& mark : ops.path_marks) EXPECT_EQ(mark.size(), 4U);
  EXPECT_FALSE(std::ranges::equal(ops.path_marks[0], ops.path_marks[1]));
}

TEST(ArchOps, FindsArm64sInstructionsThatMaskInterrupts) {
  const ArchOps& ops = **arch_ops("arm64");
  for (const std::uint32_t opcode : {
           0xd50342dfU,  // msr daifset, #2
           0xd50343dfU,  // msr daifset, #3
           0xd5034fdfU,  // msr daifset, #15
           0xd50342ffU,  // msr daifclr, #2
           0xd5034fffU,  // msr daifclr, #15
           0xd51b4220U,  // msr daif, x0
           0xd51b4235U,  // msr daif, x21
           0xd69f03e0U,  // eret
       })
    EXPECT_TRUE(ops.changes_interrupt_mask(opcode)) << std::hex << opcode;
  for (const std::uint32_t opcode : {
           0xd50341dfU,  // msr daifset, #1: fast interrupts alone
           0xd50348ffU,  // msr daifclr, #8: debug exceptions alone
           0xd53b4220U,  // mrs x0, daif
           0xd51b4200U,  // msr nzcv, x0
           0xd503305fU,  // clrex, #0
           0xd5033bbfU,  // dmb ish
           0xd65f03c0U,  // ret
           0x00000000U,
       })
    EXPECT_FALSE(ops.changes_interrupt_mask(opcode)) << std::hex << opcode;
  EXPECT_TRUE(ops.masks_priorities(0xd5184601U)) << "msr icc_pmr_el1, x1";
  EXPECT_FALSE(ops.masks_priorities(0xd5384601U)) << "mrs x1, icc_pmr_el1";
  EXPECT_TRUE(ops.is_interrupt_masked(0x3c5));
  EXPECT_FALSE(ops.is_interrupt_masked(0x345)) << "F alone";
}

TEST(ArchOps, FindsArm64sStoresOfAWord) {
  const ArchOps& ops = **arch_ops("arm64");
  EXPECT_TRUE(ops.stores_word(0xb9000801U, 8)) << "str w1, [x0, #8]";
  EXPECT_TRUE(ops.stores_word(0xb9001262U, 16)) << "str w2, [x19, #16]";
  EXPECT_FALSE(ops.stores_word(0xb9001262U, 8)) << "another offset";
  EXPECT_FALSE(ops.stores_word(0xb9400801U, 8)) << "ldr w1, [x0, #8]";
  EXPECT_FALSE(ops.stores_word(0xf9000401U, 8)) << "str x1, [x0, #8]";
  EXPECT_FALSE(ops.stores_word(0x39002001U, 8)) << "strb w1, [x0, #8]";
  EXPECT_FALSE(ops.stores_word(0xb9000801U, 10));
}

TEST(ArchOps, KnowsAmd64sInstructionsAndEntries) {
  const ArchOps& ops = **arch_ops("amd64");
  EXPECT_TRUE(ops.is_system_call(0x050f)) << "syscall";
  EXPECT_FALSE(ops.is_system_call(0x0b0f)) << "ud2";
  EXPECT_TRUE(ops.is_exception_return(0xcf48)) << "iretq";
  EXPECT_TRUE(ops.is_exception_return(0x070f48)) << "sysretq";
  EXPECT_FALSE(ops.is_exception_return(0xc3)) << "ret";
  EXPECT_TRUE(ops.waits_for_interrupt(0xf4)) << "hlt";
  EXPECT_TRUE(ops.waits_for_interrupt(0xc9010f)) << "mwait";
  EXPECT_FALSE(ops.waits_for_interrupt(0xfb)) << "sti";
  EXPECT_TRUE(ops.is_user(0x0000'7fff'ffff'f000));
  EXPECT_FALSE(ops.is_user(0xffff'ffff'8100'0000));
  KernelLayout layout;
  layout.entries = {{0x1000, 0x1008}, {0x2000}, {0x3000}, {0x4000}};
  EXPECT_EQ(ops.entry_at(layout, 0x1008), KernelEntry::interrupt);
  EXPECT_EQ(ops.entry_at(layout, 0x1002), KernelEntry::none) << "within a stub";
  EXPECT_EQ(ops.entry_at(layout, 0x2000), KernelEntry::exception);
  EXPECT_EQ(ops.entry_at(layout, 0x3000), KernelEntry::exception_with_code);
  EXPECT_EQ(ops.entry_at(layout, 0x4000), KernelEntry::system_call);
  for (const auto& mark : ops.path_marks) EXPECT_EQ(mark.size(), 7U);
}

TEST(ArchOps, FindsAmd64sInstructionsThatMaskInterrupts) {
  const ArchOps& ops = **arch_ops("amd64");
  for (const std::uint32_t opcode : {0xfaU, 0xfbU, 0x9dU, 0xcf48U, 0x070f48U})  // CLI STI POPF IRETQ SYSRETQ
    EXPECT_TRUE(ops.changes_interrupt_mask(opcode)) << std::hex << opcode;
  for (const std::uint32_t opcode : {0x9cU, 0xc3U, 0xf4U, 0x050fU, 0xfafaU, 0U})  // PUSHF RET HLT SYSCALL
    EXPECT_FALSE(ops.changes_interrupt_mask(opcode)) << std::hex << opcode;
  EXPECT_TRUE(ops.is_interrupt_masked(0x46));
  EXPECT_FALSE(ops.is_interrupt_masked(0x246));
  EXPECT_FALSE(ops.masks_priorities(0xc0200f44)) << "mov cr8, rax: Linux does not";
  EXPECT_EQ(ops.stores_word, nullptr) << "the count is the CPU's";
}

// Of Debian's 6.12 at _raw_spin_lock (0xffffffff82007040) and elsewhere.
TEST(ArchOps, FindsAmd64sPerCpuOperands) {
  const ArchOps& ops = **arch_ops("amd64");
  using Bytes = std::vector<std::uint8_t>;
  const auto operand = [&](const Bytes& bytes) { return ops.per_cpu_operand(0xffff'ffff'8200'7000, bytes); };
  const Bytes relative = {0x65, 0xff, 0x05, 0xf9, 0xaf, 0x03, 0x7e};  // incl %gs:0x7e03aff9(%rip)
  EXPECT_EQ(operand(relative), 0x42000U);
  EXPECT_EQ(operand({0x65, 0xff, 0x0c, 0x25, 0x00, 0x20, 0x04, 0x00}), 0x42000U) << "decl %gs:0x42000";
  EXPECT_EQ(operand({0x65, 0x81, 0x05, 0xf5, 0xaf, 0x03, 0x7e, 0, 0, 1, 0}), 0x42000U) << "addl $0x10000";
  EXPECT_EQ(operand({0x65, 0x01, 0x35, 0xf9, 0xaf, 0x03, 0x7e}), 0x42000U) << "addl %esi";
  EXPECT_EQ(operand({0x65, 0x0f, 0xb1, 0x15, 0xf8, 0xaf, 0x03, 0x7e}), 0x42000U) << "cmpxchg %edx";
  EXPECT_EQ(operand({0x65, 0x4c, 0x8b, 0x25, 0xf8, 0xaf, 0x03, 0x7e}), 0x42000U) << "mov, %r12";
  EXPECT_EQ(operand({0xff, 0x05, 0xfa, 0xaf, 0x03, 0x7e}), std::nullopt) << "not by GS";
  EXPECT_EQ(operand({0x65, 0xff, 0x40, 0x08}), std::nullopt) << "incl %gs:8(%rax)";
  EXPECT_EQ(operand({0x65, 0xff, 0x04, 0x05, 0, 0x20, 4, 0}), std::nullopt) << "incl %gs:(,%rax,1)";
  for (std::size_t size = 0; size < relative.size(); ++size)
    EXPECT_EQ(operand(Bytes(relative.begin(), relative.begin() + static_cast<std::ptrdiff_t>(size))),
              std::nullopt);
}

TEST(ArchOps, AnUnconditionalJumpLeadsToItsTarget) {
  const ArchOps& ops = **arch_ops("amd64");
  EXPECT_EQ(ops.jumps_to(0xffff'ffff'8200'0000, 0x0000'00ff'ffff'fbe9), 0xffff'ffff'8200'0000);
  EXPECT_EQ(ops.jumps_to(0xffff'ffff'8200'0000, 0xcccc'cccc'cccc'ccc3), 0U) << "ret";
  EXPECT_EQ((*arch_ops("arm64"))->jumps_to, nullptr);
}

TEST(ArchOps, AnUnknownArchitectureIsRefusedByName) {
  for (const char* name : {"x86_64", "", "aarch64"}) {
    const auto ops = arch_ops(name);
    ASSERT_FALSE(ops) << name;
    EXPECT_EQ(ops.error().kind, ErrorKind::usage);
    EXPECT_THAT(ops.error().what, HasSubstr("\"" + std::string(name) + "\""));
  }
}

}  // namespace
}  // namespace loopgate::arch_ops_test
