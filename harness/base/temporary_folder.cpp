#include "base/temporary_folder.h"

#include <fmt/format.h>

namespace loopgate {

Result<std::filesystem::path> temporary_folder() {
  std::error_code error;
  std::filesystem::path folder = std::filesystem::temp_directory_path(error);
  if (!error) return folder;
  return fail(ErrorKind::usage, fmt::format("TMPDIR names no folder: {}", error.message()),
              "set it to a folder with as much room as the run or bundle takes");
}

}  // namespace loopgate
