#include "target/probe/kernel_refusal.h"

#include <gmock/gmock.h>

#include <cerrno>

namespace loopgate {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(KernelRefusal, OfAKernelWithoutTypesSaysSo) {
  EXPECT_EQ(sentence_of({.error = ENOENT, .has_types = false}),
            "the kernel has no type information (/sys/kernel/btf/vmlinux) -> build it with "
            "CONFIG_DEBUG_INFO_BTF=y, or measure without --probe");
}

TEST(KernelRefusal, OfALockedKernelNamesTheLock) {
  const Refusal refusal{.error = EINVAL, .lockdown = "none integrity [confidentiality]"};
  EXPECT_THAT(sentence_of(refusal), AllOf(StartsWith("the kernel is locked down (confidentiality)"),
                                          HasSubstr(" -> boot it without lockdown=confidentiality")));
}

TEST(KernelRefusal, OfBpfItselfTellsRootFromOthers) {
  EXPECT_THAT(sentence_of({.error = EPERM}), HasSubstr("even to root -> see its log"));
  EXPECT_THAT(sentence_of({.error = EPERM, .is_root = false}), HasSubstr("-> run the agent as root"));
  EXPECT_THAT(sentence_of({.error = ENOSYS}), HasSubstr("no bpf(2) -> build it with CONFIG_BPF_SYSCALL=y"));
}

TEST(KernelRefusal, OfAFunctionThatIsNotThereNamesIt) {
  const std::string said =
      "libbpf: prog 'on_read': failed to find kernel BTF type ID of 'linereq_read': -3\n";
  EXPECT_THAT(sentence_of({.error = ESRCH, .said = said}),
              AllOf(HasSubstr("'linereq_read'"), HasSubstr(" -> build it with CONFIG_GPIO_CDEV=y")));
}

TEST(KernelRefusal, OfHooksNamesWhatTheyNeed) {
  EXPECT_THAT(sentence_of({.error = EBUSY}), HasSubstr("ftrace_enabled is 0) -> write 1 there"));
  EXPECT_THAT(sentence_of({.error = 524}), HasSubstr("CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS=y"));
}

TEST(KernelRefusal, OfAnythingElseHasTheKernelsOwnWords) {
  EXPECT_THAT(sentence_of({.error = E2BIG, .said = "processed 1000001 insns\n"}),
              AllOf(HasSubstr("Argument list too long"), HasSubstr("processed 1000001 insns -> ")));
}

TEST(Lockdown, IsTheModeInBrackets) {
  EXPECT_EQ(lockdown_mode("[none] integrity confidentiality"), "none");
  EXPECT_EQ(lockdown_mode("none [integrity] confidentiality"), "integrity");
  EXPECT_EQ(lockdown_mode(""), "none");
  EXPECT_EQ(lockdown_mode("] ["), "none");
}

}  // namespace
}  // namespace loopgate
