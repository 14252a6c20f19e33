#include "qemu/qemu_fault.h"

#include <fmt/format.h>

#include <cstdlib>
#include <cstring>

#include "base/file.h"
#include "protocol/agents_last_word.h"
#include "record/console.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

std::string virtual_seconds(std::int64_t ns) {
  return fmt::format("{:.3f} virtual s", static_cast<double>(ns) / 1e9);
}

// The signal by which somebody asked QEMU to end, which it then does with status 0, as for a guest that shuts
// itself down; 0: none. QEMU tells it by "terminating on signal 2 from pid 17 (bash)".
int asked_to_end_by(std::string_view errors) {
  constexpr std::string_view told = "terminating on signal ";
  const std::size_t at = errors.rfind(told);
  return at == std::string_view::npos ? 0 : std::atoi(std::string(errors.substr(at + told.size())).c_str());
}

Error was_killed(int signal) {
  return {ErrorKind::infrastructure,
          fmt::format("QEMU was killed by signal {} ({})", signal, ::strsignal(signal)),
          "give the command again, a run's with --resume"};
}

}  // namespace

Error why_ended(const QemuEnded& end, const fs::path& console) {
  const std::string log = read_file(console).value_or("");
  const ConsoleFinding finding = read_console(log);
  if (end.signal != 0) return was_killed(end.signal);
  if (end.exit_status != 0)
    return {ErrorKind::infrastructure,
            fmt::format("QEMU ended with status {}: {}", end.exit_status, end.errors), "see loopgate doctor"};
  if (finding.kernel_failed) return {ErrorKind::kernel, finding.what, "see console.log"};
  if (const int signal = asked_to_end_by(end.errors); signal != 0) return was_killed(signal);
  if (const auto word = find_agents_last_word(log))
    return {ErrorKind::infrastructure, "the agent could not begin: " + *word,
            "does the board's file fit the machine? see console.log"};
  return {ErrorKind::kernel, "the guest shut itself down or restarted", "see console.log"};
}

// A panic or lockup on the console says more than the silence does.
Error why_silent(const InstrumentEvent& event, const fs::path& console) {
  const ConsoleFinding finding = read_console(read_file(console).value_or(""));
  std::string what;
  if (event.awaited == AgentState::booted)
    what = fmt::format("the kernel did not boot: the agent was not heard of within {}",
                       virtual_seconds(event.virtual_ns));
  if (event.awaited == AgentState::ready)
    what = "the kernel hung before measuring: the agent never became ready";
  if (event.awaited == AgentState::reported)
    what = "the kernel hung while measuring: the agent was not heard of again";
  if (finding.kernel_failed) what += fmt::format(" ({})", finding.what);
  return {ErrorKind::kernel, what, "see console.log"};
}

}  // namespace loopgate
