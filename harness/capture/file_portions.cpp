#include "capture/file_portions.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <string>
#include <system_error>

namespace loopgate {
namespace {

constexpr std::size_t portion_size = std::size_t{1} << 20U;

class OpenedFile {
 public:
  // Without O_NONBLOCK to open a pipe is to wait for its writer.
  explicit OpenedFile(const std::filesystem::path& path)
      : fd_(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)) {}
  ~OpenedFile() {
    if (fd_ >= 0) ::close(fd_);
  }
  OpenedFile(const OpenedFile&) = delete;
  OpenedFile& operator=(const OpenedFile&) = delete;

  bool is_open() const { return fd_ >= 0; }
  // As read(2) does, but for what interrupts it.
  ssize_t read(std::string* into) const {
    for (;;) {
      const ssize_t size = ::read(fd_, into->data(), into->size());
      if (size >= 0 || errno != EINTR) return size;
    }
  }
  // Whether something to read, or the end of what a writer wrote, came in time. -1: for as long as it takes.
  bool wait(int timeout_ms) const {
    using Clock = std::chrono::steady_clock;
    const auto end = Clock::now() + std::chrono::milliseconds(timeout_ms);
    for (;;) {  // a stop and its continuation interrupt it
      pollfd watched{fd_, POLLIN, 0};
      const int seen = ::poll(&watched, 1, timeout_ms);
      if (seen >= 0 || errno != EINTR) return seen > 0;
      if (timeout_ms < 0) continue;
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(end - Clock::now());
      timeout_ms = static_cast<int>(std::max(left.count(), std::chrono::milliseconds::rep{0}));
    }
  }

 private:
  int fd_;
};

tl::unexpected<Error> unreadable(int error) {
  return fail(ErrorKind::usage, fmt::format("can't be read: {}", std::generic_category().message(error)),
              "name a file that is there");
}

tl::unexpected<Error> without_writer(std::chrono::milliseconds waited) {
  return fail(ErrorKind::usage,
              fmt::format("is a pipe, and nobody has opened it to write in {} s", waited.count() / 1'000),
              "start what writes into it first, or name a file");
}

}  // namespace

Status read_in_portions(const std::filesystem::path& path,
                        const std::function<Status(std::string_view)>& take,
                        std::chrono::milliseconds timeout) {
  const OpenedFile file(path);
  if (!file.is_open()) return unreadable(errno);
  std::error_code ignored;
  // A pipe without a writer is at its end: of one that nothing came from, the writer may be still to come.
  bool had_writer = !std::filesystem::is_fifo(path, ignored);
  bool waited = false;
  std::string portion(portion_size, '\0');
  for (;;) {
    const ssize_t size = file.read(&portion);
    if (size > 0) {
      had_writer = true;
      TRY_STATUS(take(std::string_view(portion).substr(0, static_cast<std::size_t>(size))));
    } else if (size < 0 && errno == EAGAIN) {
      had_writer = true;
      file.wait(-1);
    } else if (size < 0) {
      return unreadable(errno);
    } else if (had_writer) {
      return {};
    } else if (waited) {
      return without_writer(timeout);
    } else {
      had_writer = file.wait(static_cast<int>(timeout.count()));
      waited = true;
    }
  }
}

}  // namespace loopgate
