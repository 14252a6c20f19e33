#include "qemu/qemu_scratch.h"

#include <unistd.h>

#include <string>

#include "base/digest.h"
#include "qemu/shared_memory.h"

namespace loopgate {

namespace fs = std::filesystem;

namespace {

fs::path parent() {
  std::error_code ignored;
  for (const fs::path& folder : {fs::path("/dev/shm"), fs::temp_directory_path(ignored)}) {
    constexpr std::size_t longest = 50;  // of a socket's 107
    if (folder.string().size() < longest && ::access(folder.c_str(), W_OK | X_OK) == 0) return folder;
  }
  return "/tmp";
}

// What a path means depends on it.
std::string mount_namespace() {
  std::error_code ignored;
  return fs::read_symlink("/proc/self/ns/mnt", ignored).string();
}

}  // namespace

fs::path QemuScratch::path_of(const fs::path& cell, bool restore) {
  const std::string what = mount_namespace() + " " + fs::absolute(cell).string() + (restore ? "" : " boot");
  return parent() / (ScratchDir::prefix(kind) + sha256_of(what).substr(0, 12));
}

Result<ScratchDir> QemuScratch::make(const fs::path& path, const ChannelLayout& layout) {
  remove_abandoned(path.parent_path(), kind);
  TRY(scratch, ScratchDir::claim(path));
  TRY_STATUS(SharedMemory::make(path / channel_file, layout));
  return scratch;
}

}  // namespace loopgate
