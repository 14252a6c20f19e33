#include "board/board_claim.h"

#include <fmt/format.h>

#include <system_error>

#include "base/digest.h"
#include "base/file.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

// A name that any destination can have: it may hold slashes and colons.
fs::path folder_of(const LabBoard& lab) {
  const std::string reached_by = lab.ssh + "\n" + lab.ssh_config.lexically_normal().string();
  return cache_directory() / "boards" / sha256_of(reached_by).substr(0, 16);
}

}  // namespace

Result<BoardClaim> BoardClaim::of(const LabBoard& lab) {
  const fs::path folder = folder_of(lab);
  TRY_STATUS(make_directories(folder));
  TRY(lock, FileLock::try_folder(folder));
  if (lock) return BoardClaim(folder, std::move(*lock));
  return fail(ErrorKind::infrastructure,
              fmt::format("the board at {} is in use by another loopgate on this machine", lab.ssh),
              fmt::format("wait for its end; fuser {} names the process", folder.string()));
}

// Removed while it is still held: who waits for it then sees that it is gone, and makes it again.
BoardClaim::~BoardClaim() {
  std::error_code ignored;
  if (!folder_.empty()) fs::remove(folder_, ignored);
}

}  // namespace loopgate
