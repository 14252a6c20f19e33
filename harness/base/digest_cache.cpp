#include "base/digest_cache.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <ctime>

#include "base/digest.h"
#include "base/file.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t digest_size = 64;

// A file that was changed just now may be changed again within the same tick of the file system's clock.
constexpr std::time_t settled_after_s = 2;

std::string key_of(const fs::path& path, const struct stat& status) {
  return sha256_of(fmt::format("{} {} {} {} {}.{} {}.{}", fs::absolute(path).string(), status.st_dev,
                               status.st_ino, status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec,
                               status.st_ctim.tv_sec, status.st_ctim.tv_nsec));
}

}  // namespace

Result<std::string> cached_sha256_of_file(const fs::path& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return sha256_of_file(path);
  const fs::path folder = cache_directory() / "digests";
  const fs::path kept = folder / key_of(path, status);
  if (auto digest = read_file(kept); digest && digest->size() == digest_size) return digest;
  auto digest = sha256_of_file(path);
  if (!digest || std::time(nullptr) - status.st_ctim.tv_sec < settled_after_s) return digest;
  struct stat after{};
  if (::stat(path.c_str(), &after) != 0 || key_of(path, after) != key_of(path, status)) return digest;
  if (make_directories(folder)) (void)write_file_atomically(kept, *digest);  // it only saves time
  return digest;
}

}  // namespace loopgate
