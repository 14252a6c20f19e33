// What a program of the target leaves behind: what it printed, which must have arrived when it ends with 0,
// and files, whole or not at all.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "base/standard_descriptors.h"
#include "target/service.h"

namespace loopgate::target {

// A program's exit status: `exit_status`, or exit_broken instead of 0 when standard output did not take all
// of what was printed.
inline int checked(const char* program, int exit_status) {
  if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return exit_status;
  std::fprintf(stderr, "%s: standard output cannot be written\n", program);
  return exit_status == exit_good ? exit_broken : exit_status;
}

// All of a main(): `body` does the work and gives the exit status.
template <class Body>
int run_main(const char* program, const Body& body) {
  open_standard_descriptors();
  return checked(program, body());
}

// All of it, however many calls that takes. False: errno says why.
inline bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t n = ::write(fd, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return false;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

// Under its name only once it is whole. A link is followed; a device or pipe is written into: it is no name
// to put a file under. False: errno says why, and what was there is as it was.
inline bool write_whole(const std::string& path, std::string_view text) {
  struct stat there{};
  if (::stat(path.c_str(), &there) == 0 && !S_ISREG(there.st_mode)) {
    const int fd = ::open(path.c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC);
    if (fd < 0) return false;
    const bool written = write_all(fd, text);
    const int error = errno;
    const bool closed = ::close(fd) == 0;
    if (!written) errno = error;
    return written && closed;
  }
  char* real = ::realpath(path.c_str(), nullptr);  // nothing where there is no file yet
  const std::string place = real == nullptr ? path : real;
  std::free(real);
  const std::string part = place + ".part";
  const int fd = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0644);
  if (fd < 0) return false;
  const bool written = write_all(fd, text);
  const int write_error = errno;
  const bool closed = ::close(fd) == 0;
  if (!written) errno = write_error;
  if (written && closed && ::rename(part.c_str(), place.c_str()) == 0) return true;
  const int error = errno;
  ::unlink(part.c_str());
  errno = error;
  return false;
}

}  // namespace loopgate::target
