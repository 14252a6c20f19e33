// One loopgate at a time on a board: two that measure on it would boot under each other's feet, remove each
// other's programs, and send edges into each other's latencies.
#pragma once

#include <filesystem>
#include <utility>

#include "base/file_lock.h"
#include "base/result.h"
#include "config/lab.h"

namespace loopgate {

// Held until it is destroyed, however its holder ends. It holds off whoever reaches the board by the same
// name and ssh_config and has the same cache: users of one machine, not several machines; where these share
// boards, labgrid hands them out.
class BoardClaim {
 public:
  // An infrastructure error when another one has it, or the cache cannot be written.
  static Result<BoardClaim> of(const LabBoard& lab);

  ~BoardClaim();
  BoardClaim(BoardClaim&& other) noexcept
      : folder_(std::exchange(other.folder_, {})), lock_(std::move(other.lock_)) {}
  BoardClaim& operator=(BoardClaim&& other) noexcept {
    std::swap(folder_, other.folder_);
    std::swap(lock_, other.lock_);
    return *this;
  }
  BoardClaim(const BoardClaim&) = delete;
  BoardClaim& operator=(const BoardClaim&) = delete;

 private:
  BoardClaim(std::filesystem::path folder, FileLock lock)
      : folder_(std::move(folder)), lock_(std::move(lock)) {}
  std::filesystem::path folder_;  // empty: moved away
  FileLock lock_;
};

}  // namespace loopgate
