#include "base/file_lock.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
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

tl::unexpected<Error> cannot_lock(const std::filesystem::path& path, int error) {
  return fail(ErrorKind::infrastructure,
              fmt::format("{}: cannot be locked: {}", path.string(), std::strerror(error)));
}

// False for a file that was removed or replaced, too.
bool leads_to(const std::filesystem::path& path, int fd) {
  struct stat named{};
  struct stat open{};
  return ::stat(path.c_str(), &named) == 0 && ::fstat(fd, &open) == 0 && named.st_dev == open.st_dev &&
         named.st_ino == open.st_ino;
}

}  // namespace

LockTry lock_open_file(int fd, const std::filesystem::path& path) {
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return leads_to(path, fd) ? LockTry::held : LockTry::not_to_be_had;
  return errno == EWOULDBLOCK ? LockTry::not_to_be_had : LockTry::unknown;
}

FileLock::~FileLock() {
  if (fd_ >= 0) ::close(fd_);
}

tl::expected<std::optional<FileLock>, int> FileLock::try_once(const std::filesystem::path& path, int flags) {
  FileLock lock(::open(path.c_str(), flags | O_CLOEXEC, 0644));
  if (lock.fd_ < 0) return tl::unexpected(errno);
  const LockTry tried = lock_open_file(lock.fd_, path);
  if (tried == LockTry::unknown) return tl::unexpected(errno);
  if (tried == LockTry::not_to_be_had) return std::nullopt;
  return lock;
}

Result<FileLock> FileLock::wait_for(const std::filesystem::path& file, const Patience& patience) {
  return wait(file, O_RDWR | O_CREAT, patience);
}

Result<FileLock> FileLock::wait_for_folder(const std::filesystem::path& folder, const Patience& patience) {
  return wait(folder, O_RDONLY | O_DIRECTORY, patience);
}

Result<FileLock> FileLock::wait(const std::filesystem::path& file, int flags, const Patience& patience) {
  const auto start = Clock::now();
  bool told = !patience.tell;
  for (milliseconds pause = first_pause;; pause = std::min(2 * pause, longest_pause)) {
    auto tried = try_once(file, flags);
    if (!tried) return cannot_lock(file, tried.error());
    if (std::optional<FileLock>& lock = *tried) return std::move(*lock);
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
  auto tried = try_once(path, O_RDONLY);
  if (!tried) return cannot_lock(path, tried.error());
  if (std::optional<FileLock>& lock = *tried) return std::move(*lock);
  return fail(ErrorKind::usage, fmt::format("{} is in use by another loopgate", path.string()),
              "wait for it, or name another folder with --out");
}

Result<std::optional<FileLock>> FileLock::try_folder(const std::filesystem::path& path) {
  auto lock = try_once(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  if (lock) return std::move(*lock);
  if (lock.error() == ENOENT) return std::nullopt;
  return cannot_lock(path, lock.error());
}

}  // namespace loopgate
