#include "record/console.h"

#include <array>

namespace loopgate {
namespace {

struct Mark {
  std::string_view
      text;  // as the kernel prints it (kernel/panic.c, arch/arm64/kernel/traps.c, kernel/watchdog.c, ...)
  std::string_view meaning;
  bool whole_line = false;  // what matters stands before it
};

// Worst first: an oops is followed by the panic that it causes, and the panic is what ended the kernel.
constexpr std::array<Mark, 17> marks = {{
    {"Kernel panic - not syncing: ", "the kernel panicked: "},
    {"Internal error: ", "the kernel died of an internal error: "},
    {"Unable to handle kernel ", "the kernel touched memory that it must not: "},
    // arch/x86/mm/fault.c, arch/x86/kernel/traps.c and dumpstack.c
    {"BUG: kernel NULL pointer dereference", "the kernel touched memory that it must not: a null pointer"},
    {"BUG: unable to handle ", "the kernel touched memory that it must not: "},
    {"Oops: ", "the kernel died of an internal error: "},
    {"kernel BUG at ", "the kernel found a bug of its own at "},
    {"BUG: scheduling while atomic", "the kernel scheduled while atomic"},
    {"watchdog: BUG: soft lockup - ", "a CPU of the kernel locked up: "},
    {"watchdog: BUG: soft lockup", "a CPU of the kernel locked up"},  // cut off
    {"Watchdog detected hard LOCKUP", "a CPU of the kernel locked up hard"},
    {"rcu_preempt detected", "the kernel's RCU stalled"},
    {"rcu_preempt self-detected stall", "the kernel's RCU stalled"},
    {"rcu_sched detected", "the kernel's RCU stalled"},
    {"rcu_sched self-detected stall", "the kernel's RCU stalled"},
    {"Kernel panic", "the kernel panicked"},  // cut off in the middle of it
    {"blocked for more than", "a task hung in the kernel: ", true},
}};

std::size_t start_of_line(std::string_view log, std::size_t at) {
  const std::size_t before = log.find_last_of("\r\n", at);
  return before == std::string_view::npos ? 0 : before + 1;
}

std::string rest_of_line(std::string_view log, std::size_t at) {
  std::size_t end = log.find_first_of("\r\n", at);
  if (end == std::string_view::npos) end = log.size();
  std::string text;
  for (const char c : log.substr(at, end - at)) text += c >= ' ' && c <= '~' ? c : '?';
  text.erase(0, text.find_first_not_of(": "));
  return text;
}

}  // namespace

ConsoleFinding read_console(std::string_view log) {
  if (const std::size_t last = log.rfind(console_mark); last != std::string_view::npos)
    log.remove_prefix(last + console_mark.size());
  for (const Mark& mark : marks) {
    const std::size_t at = log.find(mark.text);
    if (at == std::string_view::npos) continue;
    ConsoleFinding finding;
    finding.kernel_failed = true;
    finding.what = mark.meaning;
    if (mark.meaning.ends_with(' ')) {
      const std::string rest =
          rest_of_line(log, mark.whole_line ? start_of_line(log, at) : at + mark.text.size());
      finding.what += rest.empty() ? "the log ends there" : rest;
    }
    return finding;
  }
  return {};
}

}  // namespace loopgate
