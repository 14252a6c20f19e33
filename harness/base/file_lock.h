// Holds other processes (and other opens of this one) off a file or folder until it is destroyed: flock(2),
// which the kernel gives back however its holder ends. It holds between containers that share the file, in
// which a process id means nothing.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "base/result.h"

namespace loopgate {

// Of a try to lock a file: had; held by another one, or removed meanwhile; not known to this file system.
enum class LockTry { held, not_to_be_had, unknown };

// Of what is open, in which case the path that it was opened by must still lead to it: a file that was
// removed while it was waited for holds nobody off. Given back with the last descriptor of this open.
// `unknown` leaves errno.
LockTry lock_open_file(int fd, const std::filesystem::path& path);

class FileLock {
 public:
  struct Patience {
    std::chrono::milliseconds limit{};
    std::chrono::milliseconds quiet{};               // after so long
    std::function<void(const std::string&)> tell{};  // this gets one line that says what is waited for
  };

  // Waits until it is free; the file is made when it is not there. An infrastructure error when another one
  // still holds it after the limit: a holder that is stopped gives nothing back.
  static Result<FileLock> wait_for(const std::filesystem::path& file, const Patience& patience);
  // Likewise a folder, which must be there.
  static Result<FileLock> wait_for_folder(const std::filesystem::path& folder, const Patience& patience);
  // A file or folder that is there. A usage error when another one holds it.
  static Result<FileLock> take(const std::filesystem::path& path);
  // A folder, and no link to one. Nothing when another one holds it, or it is not there, or no longer.
  static Result<std::optional<FileLock>> try_folder(const std::filesystem::path& path);

  ~FileLock();
  FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  FileLock& operator=(FileLock&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  // For a process that is to hold it as well, until both have ended. Close-on-exec.
  int descriptor() const { return fd_; }

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  // Opened, and locked where nobody else holds it, else the error number.
  static tl::expected<std::optional<FileLock>, int> try_once(const std::filesystem::path& path, int flags);
  static Result<FileLock> wait(const std::filesystem::path& path, int flags, const Patience& patience);
  int fd_;
};

}  // namespace loopgate
