#include "board/console_port.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/process.hpp>
#include <boost/process/extend.hpp>
#include <boost/process/posix.hpp>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <utility>

#include "base/process.h"
#include "config/console_place.h"
#include "config/console_speeds.h"

namespace loopgate {
namespace {

namespace process = boost::process;

const std::pair<int, speed_t>* speed_of(int baud) {
  const auto* found = std::ranges::find(console_speeds, baud, &std::pair<int, speed_t>::first);
  return found == console_speeds.end() ? nullptr : found;
}

tl::unexpected<Error> cannot(const std::string& what, int error, std::string next_step = {}) {
  return fail(ErrorKind::infrastructure, fmt::format("the console {}: {}", what, std::strerror(error)),
              std::move(next_step));
}

Result<int> open_device(const ConsolePort& port) {
  const int fd = ::open(port.device.c_str(), O_RDONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
  if (fd < 0)
    return cannot(port.device, errno,
                  "check that it is plugged in and readable by this user (group dialout)");
  termios settings{};
  const auto* speed = speed_of(port.baud);
  if (::tcgetattr(fd, &settings) == 0) {
    ::cfmakeraw(&settings);
    settings.c_cflag |= CLOCAL | CREAD;
    ::cfsetispeed(&settings, speed->second);
    ::cfsetospeed(&settings, speed->second);
    // Two readers would each get only a part of the output.
    if (::ioctl(fd, TIOCEXCL) == 0 && ::tcsetattr(fd, TCSANOW, &settings) == 0) return fd;
  }
  const int error = errno;
  ::close(fd);
  return cannot(port.device, error, "check that it is a serial port");
}

bool connected_within(int fd, int limit_ms) {
  pollfd watched{fd, POLLOUT, 0};
  if (::poll(&watched, 1, limit_ms) != 1) {
    errno = ETIMEDOUT;
    return false;
  }
  int error = 0;
  socklen_t size = sizeof(error);
  ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
  errno = error;
  return error == 0;
}

Result<int> open_tcp(const ConsolePort& port, int limit_ms) {
  const std::string name = port.host + ":" + port.port;
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (const int error = ::getaddrinfo(port.host.c_str(), port.port.c_str(), &hints, &found); error != 0)
    return fail(ErrorKind::infrastructure, fmt::format("the console {}: {}", name, ::gai_strerror(error)));
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> addresses(found, &::freeaddrinfo);
  int error = ECONNREFUSED;
  for (const addrinfo* one = found; one != nullptr; one = one->ai_next) {
    const int fd = ::socket(one->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) continue;
    if (::connect(fd, one->ai_addr, one->ai_addrlen) == 0 ||
        (errno == EINPROGRESS && connected_within(fd, limit_ms)))
      return fd;
    error = errno;
    ::close(fd);
  }
  return cannot(name, error);
}

// ssh says nothing once it is connected, and closes its side when it can't.
Result<ConsoleLine> open_through_proxy(const ConsolePort& port, int limit_ms) {
  const std::string name = port.host + ":" + port.port;
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return cannot(name, errno);
  const std::string host = port.host.find(':') == std::string::npos ? port.host : "[" + port.host + "]";
  const auto connect = std::chrono::seconds(std::max(limit_ms / 1000, 1));
  const std::vector<std::string> argv = command_through(*port.proxy, host + ":" + port.port, connect);
  std::error_code failed;
  process::child child(
      process::exe = find_program(argv.front()),
      process::args = std::vector<std::string>(argv.begin() + 1, argv.end()),
      process::posix::fd.bind(STDIN_FILENO, ends[1]), process::posix::fd.bind(STDOUT_FILENO, ends[1]),
      process::std_err > process::null,
      process::extend::on_exec_setup =
          [harness = ::getpid()](auto&) {
            ::setpgid(0, 0);  // an interrupt at the terminal is for the harness
            end_with(harness);
          },
      failed);
  ::close(ends[1]);
  if (failed) {
    ::close(ends[0]);
    return fail(ErrorKind::infrastructure,
                fmt::format("the console {}: ssh can't be started: {}", name, failed.message()));
  }
  ConsoleLine line(ends[0], child.id());
  child.detach();
  ::fcntl(line.fd(), F_SETFL, O_NONBLOCK);
  pollfd watched{line.fd(), POLLIN, 0};
  ::poll(&watched, 1, limit_ms);
  char first = 0;
  if (watched.revents == 0 || ::recv(line.fd(), &first, 1, MSG_PEEK) > 0) return line;
  return fail(ErrorKind::infrastructure,
              fmt::format("the console {} is not reached through {}", name, port.proxy->host),
              fmt::format("try it by hand: {}", quoted(argv)));
}

}  // namespace

ConsoleLine::ConsoleLine(ConsoleLine&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), proxy_(std::exchange(other.proxy_, -1)) {}

ConsoleLine& ConsoleLine::operator=(ConsoleLine&& other) noexcept {
  close();
  fd_ = std::exchange(other.fd_, -1);
  proxy_ = std::exchange(other.proxy_, -1);
  return *this;
}

void ConsoleLine::close() {
  if (fd_ >= 0) ::close(std::exchange(fd_, -1));
  end_child(std::exchange(proxy_, -1));
}

Result<ConsolePort> parse_console_port(const std::string& place, int baud) {
  ConsolePort port;
  port.baud = baud;
  if (place.starts_with("/")) {
    port.device = place;
    if (speed_of(baud) == nullptr)
      return fail(ErrorKind::usage, fmt::format("console_baud = {}: not a supported speed", baud),
                  "115200 is the usual one");
    return port;
  }
  const std::size_t colon = place.rfind(':');
  const std::size_t scheme = place.find(':') + 1;
  port.is_telnet = place.starts_with(telnet_scheme);
  if ((place.starts_with(tcp_scheme) || port.is_telnet) && colon > scheme) {
    port.host = place.substr(scheme, colon - scheme);
    port.port = place.substr(colon + 1);
    if (port.host.starts_with("[") && port.host.ends_with("]"))
      port.host = port.host.substr(1, port.host.size() - 2);
    const bool digits = port.port.find_first_not_of("0123456789") == std::string::npos;
    const int number = digits && !port.port.empty() && port.port.size() <= 5 ? std::stoi(port.port) : 0;
    if (!port.host.empty() && number >= 1 && number <= 65535) return port;
  }
  return fail(ErrorKind::usage, fmt::format("console = \"{}\": neither a device nor a TCP port", place),
              "write \"/dev/ttyUSB0\", \"tcp:HOST:PORT\" or \"rfc2217:HOST:PORT\"");
}

Result<ConsoleLine> open_console_port(const ConsolePort& port, int limit_ms) {
  if (port.proxy) return open_through_proxy(port, limit_ms);
  return (port.device.empty() ? open_tcp(port, limit_ms) : open_device(port)).transform([](int fd) {
    return ConsoleLine(fd);
  });
}

}  // namespace loopgate
