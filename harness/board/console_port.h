// The location of a board's serial console: a device, or a TCP port that forwards one, as it is or by telnet
// (RFC 2217).
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "base/result.h"
#include "board/ssh_proxy.h"

namespace loopgate {

struct ConsolePort {
  std::string device;  // "/dev/ttyUSB0", or
  std::string host;
  std::string port;
  bool is_telnet = false;  // of a TCP port: RFC 2217
  int baud = 115200;
  std::optional<SshProxy> proxy;  // of a TCP port
};

// An open console: a descriptor to read from, and of a TCP port to write to, non-blocking.
class ConsoleLine {
 public:
  ConsoleLine() = default;
  explicit ConsoleLine(int fd, pid_t proxy = -1) : fd_(fd), proxy_(proxy) {}
  ~ConsoleLine() { close(); }
  ConsoleLine(ConsoleLine&& other) noexcept;
  ConsoleLine& operator=(ConsoleLine&& other) noexcept;

  bool is_open() const { return fd_ >= 0; }
  int fd() const { return fd_; }
  void close();

 private:
  int fd_ = -1;
  pid_t proxy_ = -1;  // the ssh that connects it
};

// "tcp:HOST:PORT" or "rfc2217:HOST:PORT", HOST perhaps as [::1], or a device's path. Errors: usage.
Result<ConsolePort> parse_console_port(const std::string& place, int baud);

// A device is set to raw mode and its speed, and opened exclusively. Connecting to a TCP port takes at most
// `limit_ms`; through a proxy, what has not failed by then is taken for connected. Errors: infrastructure.
Result<ConsoleLine> open_console_port(const ConsolePort& port, int limit_ms);

}  // namespace loopgate
