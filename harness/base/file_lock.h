// Holds other processes (and other opens of this one) off a file or folder until it is destroyed: flock(2),
// which the kernel gives back however its holder ends.
#pragma once

#include <filesystem>

#include "base/result.h"

namespace loopgate {

class FileLock {
 public:
  // Waits until it is free; the file is made when it is not there.
  static Result<FileLock> wait_for(const std::filesystem::path& file);
  // A file or folder that is there. A usage error when another one holds it.
  static Result<FileLock> take(const std::filesystem::path& path);

  ~FileLock();
  FileLock(FileLock&& other) noexcept : fd_(other.fd_) { other.fd_ = -1; }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  FileLock& operator=(FileLock&&) = delete;

 private:
  explicit FileLock(int fd) : fd_(fd) {}
  static Result<FileLock> lock(const std::filesystem::path& path, int flags, int operation);
  int fd_;
};

}  // namespace loopgate
