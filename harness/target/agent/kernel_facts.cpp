#include "target/agent/kernel_facts.h"

#include <sys/utsname.h>
#include <unistd.h>

#include "target/agent/kernel_log.h"
#include "target/agent/text_file.h"

namespace loopgate {
namespace {

KernelAnswers answer(const KernelQuestions& questions) {
  KernelAnswers answers;
  for (const std::string& path : questions.files)
    if (const auto text = read_text(path)) answers.files[path] = without_end(*text);
  const KernelLog log = read_kernel_log("/dev/kmsg", questions.log);
  answers.log = log.lines;
  answers.log_is_whole = log.is_whole;
  return answers;
}

}  // namespace

KernelFacts read_kernel_facts(const std::optional<KernelQuestions>& questions) {
  utsname names{};
  ::uname(&names);
  KernelFacts facts{names.release, names.version, names.machine, {}, {}};
  if (questions) facts.answers = answer(*questions);
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
