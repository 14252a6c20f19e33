// Where a board's serial console is: a device, or a TCP port that hands one on.
#pragma once

#include <string>

#include "base/result.h"

namespace loopgate {

struct ConsolePort {
  std::string device;  // "/dev/ttyUSB0", or
  std::string host;
  std::string port;
  int baud = 115200;
};

// "tcp:HOST:PORT", HOST perhaps as [::1], or a device's path. Errors: usage.
Result<ConsolePort> parse_console_port(const std::string& place, int baud);

// A descriptor to read from, non-blocking. A device is set raw, to its speed, and is this process's alone.
// A TCP port is tried for `limit_ms` at most. Errors: infrastructure.
Result<int> open_console_port(const ConsolePort& port, int limit_ms);

}  // namespace loopgate
