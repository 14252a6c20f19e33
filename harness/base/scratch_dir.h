// A folder for files that nobody needs afterwards: destroying the object removes it.
#pragma once

#include <filesystem>
#include <string_view>
#include <utility>

#include "base/result.h"

namespace loopgate {

class ScratchDir {
 public:
  // A new folder in `parent`, with a name of its own: `prefix` and six characters.
  static Result<ScratchDir> create(const std::filesystem::path& parent, std::string_view prefix);

  // The folder of this name, emptied. A file `owner` in it names this process, for remove_abandoned().
  static Result<ScratchDir> claim(std::filesystem::path path);

  // Takes over a folder that somebody else makes, or has made.
  explicit ScratchDir(std::filesystem::path path) : path_(std::move(path)) {}
  ~ScratchDir();
  ScratchDir(ScratchDir&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  ScratchDir& operator=(ScratchDir&& other) noexcept;
  ScratchDir(const ScratchDir&) = delete;
  ScratchDir& operator=(const ScratchDir&) = delete;

  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;  // empty once moved from
};

// Removes the claimed folders in `parent` whose names begin with `prefix` and whose process has ended without
// removing them.
void remove_abandoned(const std::filesystem::path& parent, std::string_view prefix);

}  // namespace loopgate
