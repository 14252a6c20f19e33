// SHA-256, as lower-case hexadecimal.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace loopgate {

// Of bytes that come one after the other.
class Sha256 {
 public:
  Sha256();
  void add(const void* data, std::size_t size);
  std::string hex();  // once, at the end

 private:
  std::shared_ptr<void> context_;  // OpenSSL's, whose headers stay out of ours
};

std::string sha256_of(std::string_view bytes);
Result<std::string> sha256_of_file(const std::filesystem::path& path);

}  // namespace loopgate
