#include "base/file_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace loopgate {

FileLock::~FileLock() {
  if (fd_ >= 0) ::close(fd_);
}

Result<FileLock> FileLock::lock(const std::filesystem::path& path, int flags, int operation) {
  FileLock lock(::open(path.c_str(), flags | O_CLOEXEC, 0644));
  if (lock.fd_ >= 0 && ::flock(lock.fd_, operation) == 0) return lock;
  if (errno == EWOULDBLOCK)
    return fail(ErrorKind::usage, fmt::format("{} is in use by another loopgate", path.string()),
                "wait for it, or name another folder with --out");
  return fail(ErrorKind::infrastructure,
              fmt::format("{}: cannot be locked: {}", path.string(), std::strerror(errno)));
}

Result<FileLock> FileLock::wait_for(const std::filesystem::path& file) {
  return lock(file, O_RDWR | O_CREAT, LOCK_EX);
}

Result<FileLock> FileLock::take(const std::filesystem::path& path) {
  return lock(path, O_RDONLY, LOCK_EX | LOCK_NB);
}

}  // namespace loopgate
