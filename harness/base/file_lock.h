// Holds other processes (and other opens of this one) off a file or folder until it is destroyed: flock(2),
// which the kernel gives back however its holder ends.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>

#include "base/result.h"

namespace loopgate {

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
  // A file or folder that is there. A usage error when another one holds it.
  static Result<FileLock> take(const std::filesystem::path& path);

  ~FileLock();
  FileLock(FileLock&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  FileLock& operator=(FileLock&&) = delete;

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  static Result<FileLock> open(const std::filesystem::path& path, int flags);
  // False when another one holds it.
  Result<bool> try_lock(const std::filesystem::path& path) const;
  int fd_;
};

}  // namespace loopgate
