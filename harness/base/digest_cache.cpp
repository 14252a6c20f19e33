#include "base/digest_cache.h"

#include <fmt/format.h>
#include <sys/stat.h>

#include <ctime>
#include <optional>

#include "base/digest.h"
#include "base/file.h"
#include "base/json.h"
#include "base/sealed_json.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// A file that was changed just now may be changed again within the same tick of the file system's clock.
constexpr std::time_t settled_after_s = 2;

std::string key_of(const fs::path& path, const struct stat& status) {
  return sha256_of(fmt::format("{} {} {} {} {}.{} {}.{}", fs::absolute(path).string(), status.st_dev,
                               status.st_ino, status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec,
                               status.st_ctim.tv_sec, status.st_ctim.tv_nsec));
}

// An entry that was altered, cut off or is of another file is none.
std::optional<std::string> remembered(const fs::path& entry, const std::string& key) {
  const auto said = read_sealed(entry);
  if (!said || said->value("of", json()) != key || !said->value("sha256", json()).is_string())
    return std::nullopt;
  return (*said)["sha256"].get<std::string>();
}

}  // namespace

Result<std::string> cached_sha256_of_file(const fs::path& path) {
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return sha256_of_file(path);
  const fs::path folder = cache_directory() / "digests";
  const std::string key = key_of(path, status);
  const fs::path entry = folder / key;
  if (auto digest = remembered(entry, key)) return std::move(*digest);
  auto digest = sha256_of_file(path);
  if (!digest || std::time(nullptr) - status.st_ctim.tv_sec < settled_after_s) return digest;
  struct stat after{};
  if (::stat(path.c_str(), &after) != 0 || key_of(path, after) != key) return digest;
  if (make_directories(folder))  // it only saves time
    (void)write_file_atomically(entry, sealed({{"of", key}, {"sha256", *digest}}));
  return digest;
}

}  // namespace loopgate
