#include "base/scratch_dir.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <thread>

namespace loopgate {

namespace fs = std::filesystem;

namespace {

using Clock = std::chrono::steady_clock;

// The kernel takes a killed holder's memory back before its locks: 16 MiB a QEMU, on a busy host.
constexpr std::chrono::seconds claim_limit{10};
constexpr std::chrono::milliseconds pause{5};

void remove_quietly(const fs::path& path) {
  std::error_code ignored;
  if (!path.empty()) fs::remove_all(path, ignored);
}

tl::unexpected<Error> cannot_make(const fs::path& path, const std::string& why) {
  return fail(ErrorKind::infrastructure,
              fmt::format("{}: a temporary folder cannot be created: {}", path.string(), why));
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_alphanumeric(char c) { return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// A scratch folder of this kind, of any user. Others may call theirs "loopgate-" and what they like.
bool is_scratch_name(std::string_view name, std::string_view kind) {
  constexpr std::string_view start = "loopgate-";
  if (!name.starts_with(start)) return false;
  name.remove_prefix(start.size());
  const std::size_t uid = std::min(name.find('-'), name.size());
  const std::string middle = fmt::format("-{}-", kind);
  if (uid == 0 || !std::ranges::all_of(name.substr(0, uid), is_digit)) return false;
  name.remove_prefix(uid);
  if (!name.starts_with(middle)) return false;
  name.remove_prefix(middle.size());
  return name.size() >= 6 && name.size() <= 12 && std::ranges::all_of(name, is_alphanumeric);
}

}  // namespace

std::string ScratchDir::prefix(std::string_view kind) {
  return fmt::format("loopgate-{}-{}-", ::geteuid(), kind);
}

// Whoever finds a folder that nobody holds yet may remove it, so it counts only once it is locked and still
// there.
Result<ScratchDir> ScratchDir::create(const fs::path& parent, std::string_view kind) {
  for (;;) {
    std::string name = (parent / (prefix(kind) + "XXXXXX")).string();
    if (::mkdtemp(name.data()) == nullptr) return cannot_make(parent, std::strerror(errno));
    TRY(lock, FileLock::try_folder(name));
    if (lock) return ScratchDir(name, std::move(*lock));
  }
}

Result<ScratchDir> ScratchDir::claim(const fs::path& path) {
  const auto end = Clock::now() + claim_limit;
  for (;;) {
    const bool made = ::mkdir(path.c_str(), 0700) == 0;
    if (!made && errno != EEXIST) return cannot_make(path, std::strerror(errno));
    TRY(lock, FileLock::try_folder(path));
    if (lock && made) return ScratchDir(path, std::move(*lock));
    if (lock) {  // nobody's any longer
      std::error_code failed;
      fs::remove_all(path, failed);
      if (failed) return cannot_make(path, failed.message());
      continue;
    }
    if (Clock::now() >= end)
      return fail(ErrorKind::infrastructure, fmt::format("{} is held by another loopgate", path.string()),
                  "does it or its QEMU stand still? fuser names the process that has the folder open");
    std::this_thread::sleep_for(pause);
  }
}

// Removed before it is given back: a folder that is there and free is one whose process was killed.
ScratchDir::~ScratchDir() { remove_quietly(path_); }

ScratchDir& ScratchDir::operator=(ScratchDir&& other) noexcept {
  if (this == &other) return *this;
  remove_quietly(path_);
  path_ = std::exchange(other.path_, {});
  lock_ = std::exchange(other.lock_, std::nullopt);
  return *this;
}

void remove_abandoned(const fs::path& parent, std::string_view kind) {
  std::error_code ignored;
  for (fs::directory_iterator entry(parent, ignored), end; entry != end; entry.increment(ignored)) {
    if (!is_scratch_name(entry->path().filename().string(), kind)) continue;
    const auto lock = FileLock::try_folder(entry->path());
    if (lock && *lock) remove_quietly(entry->path());
  }
}

}  // namespace loopgate
