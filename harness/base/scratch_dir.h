// A folder for files that nobody needs afterwards: destroying the object removes it, and where its process is
// killed, the next one does. What says that it is in use is a lock on it, which ends with its holders, and
// not a process id, which means another process in another container.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/file_lock.h"
#include "base/result.h"

namespace loopgate {

class ScratchDir {
 public:
  // "loopgate-UID-KIND-": how the names of this user's folders of a kind begin. Two users never want the
  // same.
  static std::string prefix(std::string_view kind);

  // A new folder in `parent`, with a name of its own: the prefix and six characters.
  static Result<ScratchDir> create(const std::filesystem::path& parent, std::string_view kind);

  // The folder of this name, new and for this user alone; `parent` is there. An infrastructure error when
  // another one still holds it after some seconds, which one that was just killed does not.
  static Result<ScratchDir> claim(const std::filesystem::path& path);

  // Takes over a folder that somebody else makes, or has made, and holds.
  explicit ScratchDir(std::filesystem::path path) : path_(std::move(path)) {}
  ~ScratchDir();
  ScratchDir(ScratchDir&& other) noexcept
      : path_(std::exchange(other.path_, {})), lock_(std::exchange(other.lock_, std::nullopt)) {}
  ScratchDir& operator=(ScratchDir&& other) noexcept;
  ScratchDir(const ScratchDir&) = delete;
  ScratchDir& operator=(const ScratchDir&) = delete;

  const std::filesystem::path& path() const { return path_; }
  // The lock's, of a folder that this made: a process that gets it keeps the folder, too. Else -1.
  int descriptor() const { return lock_ ? lock_->descriptor() : -1; }

 private:
  ScratchDir(std::filesystem::path path, FileLock lock) : path_(std::move(path)), lock_(std::move(lock)) {}

  std::filesystem::path path_;  // empty once moved from
  std::optional<FileLock> lock_;
};

// Removes the folders of this kind in `parent` that nobody holds any longer, whoever made them. What this
// user may not remove stays, in silence.
void remove_abandoned(const std::filesystem::path& parent, std::string_view kind);

}  // namespace loopgate
