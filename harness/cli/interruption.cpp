#include "cli/interruption.h"

#include <fmt/format.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <string_view>

#include "base/output.h"
#include "cli/commands.h"

namespace loopgate {
namespace {

constexpr int exit_interrupted = 130;  // a shell's 128 and SIGINT

std::atomic<bool> stop{false};

// As tell_progress(), in a signal handler: who does not read can't keep it from ending.
void tell_of_signal(std::string_view text) {
  pollfd watched{STDERR_FILENO, POLLOUT, 0};
  if (::poll(&watched, 1, 0) == 0) return;
  [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
}

template <GoOn how>
void end_now(int) {
  tell_of_signal(how == GoOn::with_resume
                     ? "\ninterrupted: finished cells are kept; go on with the same command and --resume\n"
                     : "\ninterrupted: finished cells are kept; go on with the same command\n");
  ::_exit(exit_interrupted);
}

template <GoOn how>
void end_after_cell(int signal) {
  if (stop.exchange(true)) end_now<how>(signal);
  tell_of_signal("\ninterrupted: this cell ends, then the board is taken back; again: leave it as it is\n");
}

void end_after_clearing(int) {
  if (!stop.exchange(true)) return;
  tell_of_signal(
      "\ninterrupted twice: what is half made is cleared away when the same command is given again\n");
  ::_exit(exit_interrupted);
}

void on_signals(void (*handler)(int)) {
  for (const int signal : {SIGINT, SIGTERM}) ::signal(signal, handler);
  if (::signal(SIGHUP, handler) == SIG_IGN) ::signal(SIGHUP, SIG_IGN);  // nohup's
}

}  // namespace

void end_when_interrupted(GoOn how) {
  on_signals(how == GoOn::with_resume ? end_now<GoOn::with_resume> : end_now<GoOn::by_the_same_command>);
}

void stop_when_interrupted(GoOn how) {
  on_signals(how == GoOn::with_resume ? end_after_cell<GoOn::with_resume>
                                      : end_after_cell<GoOn::by_the_same_command>);
}

const std::atomic<bool>* interrupted() { return &stop; }

void clear_away_when_interrupted() { on_signals(end_after_clearing); }

// What failed meanwhile did so because of it.
int status_after_clearing(const Status& done, std::string_view kept) {
  if (done) return exit_pass;
  if (!stop.load()) return report_error(done.error());
  tell(stderr, fmt::format("interrupted: {}; go on with the same command\n", kept));
  return exit_interrupted;
}

}  // namespace loopgate
