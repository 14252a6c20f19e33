// Files that are made once and kept in the cache: the digest of what was made is recorded beside each, and
// what does not fit it is made anew.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/notify.h"
#include "base/result.h"

namespace loopgate {

enum class KeptFile {
  absent,  // or its record is, or is damaged
  whole,
  altered,  // another content than was recorded
};

// Reads the file unless its digest is remembered (base/digest_cache.h says what that does not see).
KeptFile check_kept(const std::filesystem::path& file, const std::string& recorded_sha256);

// The digest that was recorded of a file that is as it was made; empty where it is to be made. Tells a line
// if it exists and was altered.
std::string sha256_of_kept(const std::filesystem::path& file, const Notify& notify);

// Puts the file there, and then its record. The digest.
Result<std::string> keep_file(const std::filesystem::path& file, std::string_view bytes);

}  // namespace loopgate
