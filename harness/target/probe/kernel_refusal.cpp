#include "target/probe/kernel_refusal.h"

#include <cerrno>
#include <cstring>

#include "base/text.h"

namespace loopgate {
namespace {

constexpr std::string_view without = ", or measure without --probe";

bool says(const Refusal& refusal, std::string_view words) {
  return refusal.said.find(words) != std::string::npos;
}

}  // namespace

std::string lockdown_mode(std::string_view file) {
  const std::size_t begin = file.find('[');
  const std::size_t end = file.find(']');
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) return "none";
  return std::string(file.substr(begin + 1, end - begin - 1));
}

std::string sentence_of(const Refusal& refusal) {
  const auto sentence = [](std::string_view what, std::string_view next) {
    return std::string(what) + " -> " + std::string(next) + std::string(without);
  };
  if (!refusal.has_types)
    return sentence("the kernel has no type information (/sys/kernel/btf/vmlinux)",
                    "build it with CONFIG_DEBUG_INFO_BTF=y");
  if (lockdown_mode(refusal.lockdown) == "confidentiality")
    return sentence("the kernel is locked down (confidentiality), and lets no program read it",
                    "boot it without lockdown=confidentiality");
  if (refusal.error == ENOSYS)
    return sentence("the kernel has no bpf(2)", "build it with CONFIG_BPF_SYSCALL=y");
  if (refusal.error == EPERM || refusal.error == EACCES)
    return sentence(
        refusal.is_root ? "the kernel refuses bpf(2), even to root" : "bpf(2) is refused to who is not root",
        refusal.is_root ? "see its log and /sys/kernel/security/lockdown"
                        : "run the agent as root, or grant CAP_BPF and CAP_PERFMON");
  if (says(refusal, "failed to find kernel BTF type ID") || says(refusal, "not found in kernel BTF"))
    return sentence("the kernel lacks a function that the probe hooks (" + last_line(refusal.said) + ")",
                    "build it with CONFIG_GPIO_CDEV=y and the tracepoints of irq and sched");
  if (refusal.error == EBUSY)
    return sentence("the kernel does not trace its functions now (/proc/sys/kernel/ftrace_enabled is 0)",
                    "write 1 there");
  if (refusal.error == ENOTSUP || refusal.error == 524)  // ENOTSUPP, which the kernel gives away
    return sentence("the kernel lets nothing hook its functions (" + last_line(refusal.said) + ")",
                    "build it with CONFIG_FUNCTION_TRACER=y and CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS=y");
  const std::string said = refusal.said.empty() ? std::string() : ": " + last_line(refusal.said);
  return sentence(std::string("the kernel refuses the probe (") + std::strerror(refusal.error) + ")" + said,
                  "use a kernel of Debian 13 or newer");
}

}  // namespace loopgate
