#include "target/probe/trace_refusal.h"

#include <cerrno>
#include <cstring>

#include "target/probe/kernel_refusal.h"

namespace loopgate {
namespace {

constexpr const char* or_without_probe = ", or measure without --probe";

struct Sentence {
  std::string what;
  std::string next;
};

Sentence refused_sentence(const TraceRefusal& refusal) {
  const std::string file = refusal.what + " cannot be used (" + std::strerror(refusal.error) + ")";
  if (lockdown_mode(refusal.lockdown) == "confidentiality")
    return {"the kernel is locked down (confidentiality), and lets nobody trace it",
            "boot it without lockdown=confidentiality"};
  if ((refusal.error == EPERM || refusal.error == EACCES) && !refusal.is_root)
    return {"tracing is refused to who is not root", "run the agent as root"};
  return {file, "see the kernel's log: ftrace switches itself off when it finds a fault of its own"};
}

Sentence parts_of(const TraceRefusal& refusal) {
  using Kind = TraceRefusal::Kind;
  switch (refusal.kind) {
    case Kind::no_tracefs:
      return {"the kernel has no tracefs with events (" + refusal.what + ")",
              "build it with CONFIG_FTRACE=y and CONFIG_ENABLE_DEFAULT_TRACERS=y"};
    case Kind::no_event:
      return {"the kernel lacks the event " + refusal.what,
              "build it with CONFIG_FTRACE=y, CONFIG_GPIO_CDEV=y and the tracepoints of irq, sched and gpio"};
    case Kind::other_pages:
      return {"the kernel's trace has another form than is known (" + refusal.what + ")",
              "use a kernel of Debian 13"};
    case Kind::in_use:
      return {"another probe traces this kernel (" + refusal.what + " is in use)", "end it"};
    case Kind::no_room:
      return {"the kernel has no memory for " + refusal.what + " of trace", "leave it more"};
    case Kind::nothing_comes:
      return {"the kernel takes the events and records none",
              "see its log: ftrace switches itself off when it finds a fault of its own"};
    case Kind::refused:
      break;
  }
  return refused_sentence(refusal);
}

}  // namespace

std::string sentence_of(const TraceRefusal& refusal) {
  const Sentence sentence = parts_of(refusal);
  return sentence.what + " -> " + sentence.next + or_without_probe;
}

}  // namespace loopgate
