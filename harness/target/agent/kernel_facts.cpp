#include "target/agent/kernel_facts.h"

#include <sys/utsname.h>
#include <unistd.h>

#include "target/agent/text_file.h"

namespace loopgate {

KernelFacts read_kernel_facts() {
  utsname names{};
  ::uname(&names);
  KernelFacts facts{names.release, names.version, names.machine, {}, {}};
  if (const auto line = read_text("/proc/cmdline")) facts.command_line = without_end(*line);
  // Only a PREEMPT_RT kernel has the file, so that its absence says no, but only where /sys is mounted.
  const auto realtime = read_text("/sys/kernel/realtime");
  if (realtime) {
    facts.realtime = without_end(*realtime) == "1";
  } else if (::access("/sys/kernel/notes", F_OK) == 0) {
    facts.realtime = facts.version.find("PREEMPT_RT") != std::string::npos;
  }
  return facts;
}

}  // namespace loopgate
