// The location of a board's serial console: a device, or a TCP port that forwards one, as it is or by telnet
// (RFC 2217).
#pragma once

#include <string>

#include "base/result.h"

namespace loopgate {

struct ConsolePort {
  std::string device;  // "/dev/ttyUSB0", or
  std::string host;
  std::string port;
  bool is_telnet = false;  // of a TCP port: RFC 2217
  int baud = 115200;
};

// "tcp:HOST:PORT" or "rfc2217:HOST:PORT", HOST perhaps as [::1], or a device's path. Errors: usage.
Result<ConsolePort> parse_console_port(const std::string& place, int baud);

// A descriptor to read from, and of a TCP port to write to, non-blocking. A device is set to raw mode and its
// speed, and opened exclusively. Connecting to a TCP port takes at most `limit_ms`. Errors: infrastructure.
Result<int> open_console_port(const ConsolePort& port, int limit_ms);

}  // namespace loopgate
