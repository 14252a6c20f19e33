// SHA-256, and the file beside another one that says which it should have.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "inspection/problem.h"

namespace loopgate::inspection {

// In lower-case hexadecimal.
std::string sha256_of(std::string_view bytes);

// FILE.sha256, as sha256sum writes it.
std::filesystem::path digest_file(const std::filesystem::path& file);

// Fails with exit_model unless digest_file(file) names the file and says that it has `digest`.
Status check_digest(const std::filesystem::path& file, const std::string& digest);

}  // namespace loopgate::inspection
