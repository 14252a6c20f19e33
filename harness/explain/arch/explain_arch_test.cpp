#include "explain/arch/explain_arch.h"

#include <gmock/gmock.h>

namespace loopgate::explain_arch_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(ExplainArch, TellsArm64sCallsAndReturnsApart) {
  const ExplainArch& arch = **explain_arch("arm64");
  EXPECT_TRUE(arch.is_call(0x94000000));              // BL
  EXPECT_TRUE(arch.is_call(0xd63f0020));              // BLR x1
  EXPECT_FALSE(arch.is_call(0x14000000));             // B
  EXPECT_TRUE(arch.is_return(0xd65f03c0));            // RET
  EXPECT_TRUE(arch.is_exception_return(0xd69f03e0));  // ERET
  EXPECT_FALSE(arch.is_return(0xd69f03e0));
  EXPECT_TRUE(arch.is_kernel(0xffff800080000000));
  EXPECT_FALSE(arch.is_kernel(0x400000));
}

TEST(ExplainArch, TellsAmd64sCallsAndReturnsApart) {
  const ExplainArch& arch = **explain_arch("amd64");
  EXPECT_TRUE(arch.is_call(0x223344e8)) << "call rel32";
  EXPECT_TRUE(arch.is_call(0xd0ff)) << "call *%rax";
  EXPECT_TRUE(arch.is_call(0xd3ff41)) << "call *%r11";
  EXPECT_TRUE(arch.is_call(0x2015ff)) << "call *offset(%rip)";
  EXPECT_TRUE(arch.is_call(0xe82e2e2e)) << "call, padded";
  EXPECT_FALSE(arch.is_call(0xe0ff)) << "jmp *%rax";
  EXPECT_FALSE(arch.is_call(0x2035ff)) << "push";
  EXPECT_FALSE(arch.is_call(0xe9)) << "jmp rel32";
  EXPECT_TRUE(arch.is_return(0xc3));
  EXPECT_TRUE(arch.is_return(0xc3f3)) << "rep ret";
  EXPECT_TRUE(arch.is_return(0x0010c2)) << "ret 16";
  EXPECT_FALSE(arch.is_return(0xcf48)) << "iretq";
  EXPECT_TRUE(arch.is_exception_return(0xcf48));
  EXPECT_TRUE(arch.is_exception_return(0x070f48)) << "sysretq";
  EXPECT_FALSE(arch.is_exception_return(0xc3));
  EXPECT_TRUE(arch.enters_exception("asm_common_interrupt"));
  EXPECT_FALSE(arch.enters_exception("common_interrupt"));
  EXPECT_TRUE(arch.passes_on("srso_return_thunk") && arch.passes_on("__x86_indirect_thunk_rax"));
  EXPECT_FALSE(arch.passes_on("entry_untrain_ret"));
}

TEST(ExplainArch, FindsAmd64sJumps) {
  const ExplainArch& arch = **explain_arch("amd64");
  EXPECT_EQ(arch.jumps_to(0xffffffff81000000, 0xcccccc00001000e9), 0xffffffff81001005U);
  EXPECT_EQ(arch.jumps_to(0xffffffff81000000, 0xccccccfffff000e9), 0xffffffff80fff005U) << "backwards";
  EXPECT_EQ(arch.jumps_to(0xffffffff81000000, 0xccccccccccccccc3), 0U) << "ret";
}

TEST(ExplainArch, FindsAmd64sEntriesByTheirNames) {
  const ExceptionEntries entries = (**explain_arch("amd64"))
                                       .entries_in({{"asm_exc_int3", 0x1000, 0x1010},
                                                    {"irq_entries_start", 0x1010, 0x1028},
                                                    {"asm_exc_page_fault", 0x1030, 0x1040},
                                                    {"asm_sysvec_apic_timer_interrupt", 0x1040, 0x1050},
                                                    {"asm_common_interrupt", 0x1050, 0x1060},
                                                    {"asm_exc_nmi", 0x1060, 0x1070},
                                                    {"entry_SYSCALL_64", 0x1070, 0x1080}});
  EXPECT_THAT(entries.interrupts, ElementsAre(0x1010, 0x1018, 0x1020, 0x1040, 0x1060));
  EXPECT_THAT(entries.exceptions, ElementsAre(0x1000));
  EXPECT_THAT(entries.with_error_code, ElementsAre(0x1030));
  EXPECT_THAT(entries.system_calls, ElementsAre(0x1070));
}

TEST(ExplainArch, AnUnknownOneIsRefusedByName) {
  for (const char* name : {"riscv64", "", "ARM64"}) {
    const auto arch = explain_arch(name);
    ASSERT_FALSE(arch) << name;
    EXPECT_EQ(arch.error().kind, ErrorKind::usage);
    EXPECT_THAT(arch.error().what, HasSubstr(name));
  }
}

}  // namespace
}  // namespace loopgate::explain_arch_test
