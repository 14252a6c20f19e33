#include "base/file_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <thread>

namespace loopgate {
namespace {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

// Between two tries. flock(2) itself knows no limit, and the signal that would end its waiting is the whole
// process's.
constexpr milliseconds first_pause{1};
constexpr milliseconds longest_pause{100};

tl::unexpected<Error> cannot_lock(const std::filesystem::path& path) {
  return fail(ErrorKind::infrastructure,
              fmt::format("{}: cannot be locked: {}", path.string(), std::strerror(errno)));
}

}  // namespace

FileLock::~FileLock() {
  if (fd_ >= 0) ::close(fd_);
}

Result<FileLock> FileLock::open(const std::filesystem::path& path, int flags) {
  const int fd = ::open(path.c_str(), flags | O_CLOEXEC, 0644);
  if (fd < 0) return cannot_lock(path);
  return FileLock(fd);
}

Result<bool> FileLock::try_lock(const std::filesystem::path& path) const {
  if (::flock(fd_, LOCK_EX | LOCK_NB) == 0) return true;
  if (errno == EWOULDBLOCK) return false;
  return cannot_lock(path);
}

Result<FileLock> FileLock::wait_for(const std::filesystem::path& file, const Patience& patience) {
  auto lock = open(file, O_RDWR | O_CREAT);
  if (!lock) return lock;
  const auto start = Clock::now();
  bool told = !patience.tell;
  for (milliseconds pause = first_pause;; pause = std::min(2 * pause, longest_pause)) {
    const auto have = lock->try_lock(file);
    if (!have) return tl::unexpected(have.error());
    if (*have) return lock;
    const auto waited = Clock::now() - start;
    if (waited >= patience.limit) break;
    if (!told && waited >= patience.quiet) {
      patience.tell(fmt::format("waiting for {}, which another loopgate holds", file.string()));
      told = true;
    }
    std::this_thread::sleep_for(pause);
  }
  return fail(ErrorKind::infrastructure,
              fmt::format("{} was not given back within {} s by another loopgate", file.string(),
                          std::chrono::duration<double>(patience.limit).count()),
              "does it stand still? fuser names the process that has the file open");
}

Result<FileLock> FileLock::take(const std::filesystem::path& path) {
  auto lock = open(path, O_RDONLY);
  if (!lock) return lock;
  const auto have = lock->try_lock(path);
  if (!have) return tl::unexpected(have.error());
  if (*have) return lock;
  return fail(ErrorKind::usage, fmt::format("{} is in use by another loopgate", path.string()),
              "wait for it, or name another folder with --out");
}

}  // namespace loopgate
