#include "qemu/workplace.h"

#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <string>

#include "base/digest.h"
#include "base/file.h"
#include "qemu/shared_memory.h"

namespace loopgate {

namespace fs = std::filesystem;

fs::path Workplace::of(const fs::path& cell, bool restore) {
  const std::string name = sha256_of(fs::absolute(cell).string() + (restore ? "" : " boot")).substr(0, 12);
  std::error_code ignored;
  const fs::path memory = "/dev/shm";
  return (fs::is_directory(memory, ignored) ? memory : fs::temp_directory_path()) / ("loopgate-" + name);
}

Workplace::~Workplace() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

Status Workplace::make() const {
  sweep();
  std::error_code ignored;
  fs::remove_all(path_, ignored);
  if (auto made = make_directories(path_); !made) return made;
  if (auto owned = write_file_atomically(path_ / "owner", std::to_string(::getpid())); !owned) return owned;
  return SharedMemory::make(path_ / channel_file);
}

void Workplace::sweep() const {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(path_.parent_path(), ignored)) {
    if (!entry.path().filename().string().starts_with("loopgate-")) continue;
    const auto owner = read_file(entry.path() / "owner");
    if (owner && ::kill(std::atoi(owner->c_str()), 0) != 0 && errno == ESRCH)
      fs::remove_all(entry.path(), ignored);
  }
}

}  // namespace loopgate
