#include "base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "base/cannot_write.h"
#include "base/file_lock.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  bool close_now() {
    const int closed = ::close(fd_);
    fd_ = -1;
    return closed == 0;
  }

 private:
  int fd_;
};

// Of a link the file that it leads to, there or not. Links that lead in circles are left as they are.
fs::path followed(fs::path path) {
  std::error_code error;
  for (int i = 0; i < 40 && fs::is_symlink(path, error); ++i) {
    const fs::path next = fs::read_symlink(path, error);
    if (error) break;
    path = next.is_absolute() ? next : path.parent_path() / next;
  }
  return path;
}

// A device, pipe or standard stream has no old content to keep whole, and is no name to put a file under.
Status write_into(const fs::path& path, std::optional<int> stream, std::string_view bytes) {
  if (stream) return write_all(*stream, bytes) ? Status() : Status(cannot_write(path, errno));
  Descriptor file(::open(path.c_str(), O_WRONLY | O_NOCTTY | O_CLOEXEC));
  if (file.get() < 0 || !write_all(file.get(), bytes) || !file.close_now()) return cannot_write(path, errno);
  return {};
}

// What a process that was killed has left: nobody holds it.
void remove_if_left(const fs::path& temporary) {
  const Descriptor left(::open(temporary.c_str(), O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (left.get() >= 0 && lock_open_file(left.get(), temporary) == LockTry::held) ::unlink(temporary.c_str());
}

// A new file beside `path`, that nobody else has put there and that is locked while it is written: its own
// name is in `temporary`. A process id in it would not tell two containers apart.
int open_beside(const fs::path& path, fs::path* temporary) {
  constexpr int most = 1'000;  // that others write at this time, or that are no files
  for (int i = 0; i < most; ++i) {
    *temporary = fmt::format("{}.{}.part", path.string(), i);
    remove_if_left(*temporary);
    const int fd = ::open(temporary->c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0 && errno != EEXIST) return fd;
    if (fd < 0) continue;
    if (lock_open_file(fd, *temporary) != LockTry::not_to_be_had) return fd;
    ::close(fd);  // taken for one that was left
  }
  errno = EEXIST;
  return -1;
}

// `old`: what `path` is, where it is there; the new file belongs to whom that did, and to be read by the
// same.
Status replace(const fs::path& path, const struct stat* old, std::string_view bytes) {
  fs::path temporary;
  Descriptor file(open_beside(path, &temporary));
  if (file.get() < 0) return cannot_write(path, errno);
  const Descriptor lock(::fcntl(file.get(), F_DUPFD_CLOEXEC, 0));  // until it has its name
  const auto give_up = [&] {
    const int why = errno;
    ::unlink(temporary.c_str());
    return cannot_write(path, why);
  };
  if (old != nullptr) {
    // Another's file can't be given back by who is not root.
    [[maybe_unused]] const int owned = ::fchown(file.get(), old->st_uid, old->st_gid);
    if (::fchmod(file.get(), old->st_mode & 0777U) != 0) return give_up();
  }
  if (!write_all(file.get(), bytes) || ::fsync(file.get()) != 0 || !file.close_now()) return give_up();
  if (::rename(temporary.c_str(), path.c_str()) != 0) return give_up();
  return {};
}

}  // namespace

std::optional<int> own_stream(const fs::path& path) {
  struct stat file{};
  if (::stat(path.c_str(), &file) != 0) return {};
  for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) {
    struct stat open{};
    if (::fstat(stream, &open) == 0 && open.st_dev == file.st_dev && open.st_ino == file.st_ino)
      return stream;
  }
  return {};
}

bool write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t n = ::write(fd, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0 && errno == EAGAIN) {  // a pipe that whoever made it does not want to wait for
      pollfd watched{fd, POLLOUT, 0};
      if (::poll(&watched, 1, -1) >= 0 || errno == EINTR) continue;
    }
    if (n < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

namespace {

constexpr std::size_t text_max = 16U << 20U;

// Up to the first byte beyond `bytes_max`.
Result<std::string> read_up_to(const fs::path& path, ErrorKind kind, std::size_t bytes_max) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0)
    return fail(kind, fmt::format("{}: cannot be read: {}", path.string(), std::strerror(errno)));
  std::string bytes;
  std::array<char, 1 << 16> chunk{};
  while (bytes.size() <= bytes_max) {
    const ssize_t n = ::read(file.get(), chunk.data(), chunk.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail(kind, fmt::format("{}: cannot be read: {}", path.string(), std::strerror(errno)));
    if (n == 0) break;
    bytes.append(chunk.data(), static_cast<std::size_t>(n));
  }
  return bytes;
}

}  // namespace

Result<std::string> read_file(const fs::path& path, ErrorKind kind) {
  return read_up_to(path, kind, std::numeric_limits<std::size_t>::max() - 1);
}

Result<std::string> read_regular_file(const fs::path& path, std::uintmax_t most) {
  std::error_code error;
  if (fs::exists(path, error) && !fs::is_regular_file(path, error))
    return fail(ErrorKind::usage, path.string() + ": is no regular file");
  if (const std::uintmax_t size = fs::file_size(path, error); !error && size > most)
    return fail(ErrorKind::usage,
                fmt::format("{}: has {} bytes, and at most {} are read", path.string(), size, most));
  return read_file(path, ErrorKind::usage);
}

Result<std::string> read_text_file(const fs::path& path, ErrorKind kind) {
  TRY(text, read_up_to(path, kind, text_max));
  if (text.size() <= text_max) return text;
  return fail(kind, fmt::format("{}: is longer than 16 MiB, which no text of this kind is", path.string()));
}

Status write_file_atomically(const fs::path& path, std::string_view bytes) {
  struct stat there{};
  const bool is_there = ::stat(path.c_str(), &there) == 0;
  if (!is_there) return errno == ENOENT ? replace(followed(path), nullptr, bytes) : cannot_write(path, errno);
  const std::optional<int> stream = own_stream(path);
  if (stream || !S_ISREG(there.st_mode)) return write_into(path, stream, bytes);
  return replace(followed(path), &there, bytes);
}

Status make_directories(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error)
    return fail(ErrorKind::infrastructure,
                fmt::format("{}: cannot be made: {}", path.string(), error.message()));
  return {};
}

// As the system knows it, for who runs without $HOME, such as a service. Not in /tmp, where anybody could put
// kernels for us: without any home nothing can be made, and the message has the path.
static fs::path own_home() {
  std::array<char, 16'384> room{};
  passwd entry{};
  passwd* found = nullptr;
  const bool known = getpwuid_r(geteuid(), &entry, room.data(), room.size(), &found) == 0 && found != nullptr;
  const fs::path home = known ? found->pw_dir : "";
  return home.is_absolute() ? home : fs::path("/nonexistent");
}

fs::path cache_directory() {
  const auto path_in = [](const char* name) {
    const char* value = std::getenv(name);
    return fs::path(value != nullptr ? value : "");
  };
  if (const fs::path own = path_in("LOOPGATE_CACHE"); !own.empty()) {
    std::error_code gone;  // the working directory, as it may be
    const fs::path whole = fs::absolute(own, gone);
    return gone ? own : whole;
  }
  if (const fs::path xdg = path_in("XDG_CACHE_HOME"); xdg.is_absolute()) return xdg / "loopgate";
  const fs::path home = path_in("HOME");
  return (home.is_absolute() ? home : own_home()) / ".cache" / "loopgate";
}

}  // namespace loopgate
