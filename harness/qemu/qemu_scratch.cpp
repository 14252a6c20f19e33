#include "qemu/qemu_scratch.h"

#include <string>

#include "base/digest.h"
#include "qemu/shared_memory.h"

namespace loopgate {

namespace fs = std::filesystem;

fs::path QemuScratch::path_of(const fs::path& cell, bool restore) {
  const std::string name = sha256_of(fs::absolute(cell).string() + (restore ? "" : " boot")).substr(0, 12);
  std::error_code ignored;
  const fs::path memory = "/dev/shm";
  return (fs::is_directory(memory, ignored) ? memory : fs::temp_directory_path()) / ("loopgate-" + name);
}

Result<ScratchDir> QemuScratch::make(const fs::path& path) {
  remove_abandoned(path.parent_path(), "loopgate-");
  TRY(scratch, ScratchDir::claim(path));
  TRY_STATUS(SharedMemory::make(path / channel_file));
  return scratch;
}

}  // namespace loopgate
