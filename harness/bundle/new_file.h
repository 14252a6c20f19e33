// A file that is written piece by piece, and is there when it is whole: of a kill or a full disk nothing
// stays under its name. What base/file.h's write_file_atomically() does for a text in memory.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/result.h"

namespace loopgate {

class NewFile {
 public:
  // Opens "PATH.part-XXXXXX", which a kill leaves.
  static Result<NewFile> create(const std::filesystem::path& path);
  ~NewFile();  // removes it where it was not finished
  NewFile(NewFile&& other) noexcept;
  NewFile& operator=(NewFile&&) = delete;
  NewFile(const NewFile&) = delete;
  NewFile& operator=(const NewFile&) = delete;

  Status write(std::string_view bytes);
  // Syncs and gives it its name. An infrastructure error where another file has that name by now.
  Status finish();
  // The same without syncing: of a folder that nobody needs after a loss of power.
  Status close_unsynced();

 private:
  NewFile(std::filesystem::path path, std::string part, int fd);
  Status failed(const char* what) const;

  std::filesystem::path path_;
  std::string part_;
  int fd_;  // -1 once moved from, or finished
};

}  // namespace loopgate
