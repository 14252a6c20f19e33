#include "base/scratch_dir.h"

#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string>

#include "base/file.h"

namespace loopgate {

namespace fs = std::filesystem;

namespace {

constexpr const char* owner_file = "owner";

void remove_quietly(const fs::path& path) {
  std::error_code ignored;
  if (!path.empty()) fs::remove_all(path, ignored);
}

}  // namespace

Result<ScratchDir> ScratchDir::create(const fs::path& parent, std::string_view prefix) {
  std::string name = (parent / fmt::format("{}XXXXXX", prefix)).string();
  if (::mkdtemp(name.data()) == nullptr)
    return fail(ErrorKind::infrastructure, fmt::format("{}: a temporary folder cannot be created: {}",
                                                       parent.string(), std::strerror(errno)));
  return ScratchDir(name);
}

Result<ScratchDir> ScratchDir::claim(fs::path path) {
  remove_quietly(path);
  ScratchDir claimed(std::move(path));
  TRY_STATUS(make_directories(claimed.path_));
  TRY_STATUS(write_file_atomically(claimed.path_ / owner_file, std::to_string(::getpid())));
  return claimed;
}

ScratchDir::~ScratchDir() { remove_quietly(path_); }

ScratchDir& ScratchDir::operator=(ScratchDir&& other) noexcept {
  if (this == &other) return *this;
  remove_quietly(path_);
  path_ = std::exchange(other.path_, {});
  return *this;
}

void remove_abandoned(const fs::path& parent, std::string_view prefix) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(parent, ignored)) {
    if (!entry.path().filename().string().starts_with(prefix)) continue;
    const auto owner = read_file(entry.path() / owner_file);
    const int pid = owner ? std::atoi(owner->c_str()) : 0;
    if (pid > 0 && ::kill(pid, 0) != 0 && errno == ESRCH) remove_quietly(entry.path());
  }
}

}  // namespace loopgate
