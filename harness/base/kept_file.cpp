#include "base/kept_file.h"

#include <fmt/format.h>

#include "base/digest.h"
#include "base/digest_cache.h"
#include "base/file.h"
#include "base/json.h"
#include "base/sealed_json.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* digest_key = "sha256";

fs::path record_of(const fs::path& file) { return file.string() + ".json"; }

}  // namespace

KeptFile check_kept(const fs::path& file, const std::string& recorded_sha256) {
  const auto digest = cached_sha256_of_file(file);
  if (!digest) return KeptFile::absent;
  return *digest == recorded_sha256 ? KeptFile::whole : KeptFile::altered;
}

std::string sha256_of_kept(const fs::path& file, const Notify& notify) {
  const auto record = read_sealed(record_of(file));
  if (!record || !record->contains(digest_key) || !(*record)[digest_key].is_string()) return {};
  std::string recorded = (*record)[digest_key];
  const KeptFile kept = check_kept(file, recorded);
  if (kept == KeptFile::whole) return recorded;
  if (kept == KeptFile::altered && notify)
    notify(fmt::format("{}: is not what was kept there: it is made anew", file.string()));
  return {};
}

Result<std::string> keep_file(const fs::path& file, std::string_view bytes) {
  TRY_STATUS(make_directories(file.parent_path()));
  std::string digest = sha256_of(bytes);
  TRY_STATUS(write_file_atomically(file, bytes));
  TRY_STATUS(write_file_atomically(record_of(file), sealed({{digest_key, digest}})));
  return digest;
}

}  // namespace loopgate
