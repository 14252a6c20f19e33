#include "cli/interruption.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <string_view>

namespace loopgate {
namespace {

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
  ::_exit(130);
}

template <GoOn how>
void end_after_cell(int signal) {
  if (stop.exchange(true)) end_now<how>(signal);
  tell_of_signal("\ninterrupted: this cell ends, then the board is taken back; again: leave it as it is\n");
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

}  // namespace loopgate
