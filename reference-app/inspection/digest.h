// SHA-256 by libmd, which can be linked statically, and the .sha256 file next to a file.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "inspection/error.h"

namespace loopgate::inspection {

// In lower-case hexadecimal.
std::string sha256_of(std::string_view bytes);

// FILE.sha256, as sha256sum writes it.
std::filesystem::path digest_file(const std::filesystem::path& file);

// Fails with exit_model unless digest_file(file) lists the file with this digest.
Status check_digest(const std::filesystem::path& file, const std::string& digest);

}  // namespace loopgate::inspection
