#include "target/agent/events.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstring>

namespace loopgate {
namespace {

struct Notes {
  Descriptor socket;
  std::string name;
};

// An abstract address: no file, so nothing to clean up. The kernel chooses the name (unix(7), autobind): one
// with a process id in it may be another container's, which shares the network.
Result<Notes> listen_for_notes() {
  Notes notes{Descriptor(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)), {}};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  constexpr auto before_name = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1);
  socklen_t size = sizeof(address);
  if (!notes.socket.valid() || ::bind(notes.socket.get(), any, sizeof(sa_family_t)) != 0 ||
      ::getsockname(notes.socket.get(), any, &size) != 0 || size <= before_name)
    return fail(ErrorKind::infrastructure,
                std::string("no socket for the payload's notes: ") + std::strerror(errno));
  notes.name.assign(address.sun_path + 1, size - before_name);
  return notes;
}

bool has_ready_line(std::string_view note) {
  while (!note.empty()) {
    const std::size_t end = std::min(note.find('\n'), note.size());
    if (note.substr(0, end) == "READY=1") return true;
    note.remove_prefix(std::min(end + 1, note.size()));
  }
  return false;
}

}  // namespace

Result<Events> Events::open(int stop_fd) {
  Events events;
  events.stop_fd_ = stop_fd;
  sigset_t watched;
  ::sigemptyset(&watched);
  for (const int number : {SIGCHLD, SIGTERM, SIGINT}) ::sigaddset(&watched, number);
  ::sigprocmask(SIG_BLOCK, &watched, nullptr);
  events.signals_ = Descriptor(::signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!events.signals_.valid())
    return fail(ErrorKind::infrastructure, std::string("no descriptor for signals: ") + std::strerror(errno));
  auto notes = listen_for_notes();
  if (!notes) return tl::unexpected(notes.error());
  events.notes_ = std::move(notes->socket);
  events.notify_variable_ = "NOTIFY_SOCKET=@" + notes->name;
  return events;
}

Events::Seen Events::wait(std::chrono::nanoseconds at_most) {
  const auto ns = std::max<std::chrono::nanoseconds::rep>(at_most.count(), 0);
  const timespec limit{static_cast<time_t>(ns / 1'000'000'000), static_cast<long>(ns % 1'000'000'000)};
  return wait_until(&limit);
}

Events::Seen Events::wait_forever() { return wait_until(nullptr); }

Events::Seen Events::wait_until(const timespec* at_most) {
  std::array<pollfd, 4> watched{
      {{signals_.get(), POLLIN, 0}, {notes_.get(), POLLIN, 0}, {-1, POLLIN, 0}, {output_fd_, POLLIN, 0}}};
  if (!stopped_) watched[2].fd = stop_fd_;
  Seen seen;
  if (::ppoll(watched.data(), watched.size(), at_most, nullptr) <= 0) return seen;
  if (watched[0].revents != 0) read_signals(&seen);
  if (watched[1].revents != 0) seen.ready = read_notes();
  if (watched[2].revents != 0) seen.stop = true;
  seen.output = watched[3].revents != 0;
  stopped_ = stopped_ || seen.stop;
  return seen;
}

void Events::read_signals(Seen* seen) {
  signalfd_siginfo info{};
  while (::read(signals_.get(), &info, sizeof(info)) == sizeof(info)) {
    if (info.ssi_signo == SIGCHLD) {
      seen->child_ended = true;
    } else {
      seen->stop = true;
    }
  }
}

bool Events::read_notes() {
  bool ready = false;
  std::array<char, 512> note{};
  for (;;) {
    const ssize_t n = ::recv(notes_.get(), note.data(), note.size(), 0);
    if (n < 0) return ready;
    ready = ready || has_ready_line({note.data(), static_cast<std::size_t>(n)});
  }
}

}  // namespace loopgate
