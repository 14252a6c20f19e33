// The first thing in a main(), on the host and on the target.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

namespace loopgate {

// A descriptor from 0 to 2 that is closed is opened on a device, or on a folder where there is no device yet:
// no file that is opened later gets its number and with it what is printed, and printing fails.
inline void open_standard_descriptors() {
  const auto is_closed = [](int descriptor) { return ::fcntl(descriptor, F_GETFD) < 0 && errno == EBADF; };
  // The lowest number that is free is the one that open(2) gives.
  const auto open_on = [](const char* device, int flags) {
    if (::open(device, flags) < 0) (void)::open("/", O_RDONLY | O_DIRECTORY);
  };
  if (is_closed(STDIN_FILENO)) open_on("/dev/null", O_RDONLY);
  // Not for writing, so that an answer is known to be lost; nor can /dev/stdout be opened to lose one.
  if (is_closed(STDOUT_FILENO)) open_on("/dev/full", O_RDONLY);
  if (is_closed(STDERR_FILENO)) open_on("/dev/null", O_WRONLY);
}

}  // namespace loopgate
