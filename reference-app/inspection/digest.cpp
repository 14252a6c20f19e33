#include "inspection/digest.h"

#include <sha2.h>

#include <array>
#include <cstdint>
#include <sstream>

#include "inspection/file.h"

namespace loopgate::inspection {

namespace fs = std::filesystem;

std::string sha256_of(std::string_view bytes) {
  std::array<char, SHA256_DIGEST_STRING_LENGTH> text{};
  SHA256Data(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(), text.data());
  return text.data();
}

fs::path digest_file(const fs::path& file) {
  fs::path beside = file;
  beside += ".sha256";
  return beside;
}

Status check_digest(const fs::path& file, const std::string& digest) {
  const fs::path beside = digest_file(file);
  constexpr std::size_t limit = 64U << 10U;
  const Result<std::string> text = read_file(beside, limit, exit_model);
  if (!text) return tl::unexpected(text.error());
  // A line is: DIGEST, a space, a space or a star (binary mode), NAME.
  std::istringstream lines(*text);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t space = line.find(' ');
    if (space == std::string::npos || space + 2 > line.size()) continue;
    if (fs::path(line.substr(space + 2)).filename() != file.filename()) continue;
    if (line.substr(0, space) == digest) return {};
    return fail(exit_model, file.string() + ": its SHA-256 is " + digest.substr(0, 16) + "..., but " +
                                beside.filename().string() + " has " + line.substr(0, 16) +
                                "...: the file is damaged or was changed");
  }
  return fail(exit_model, beside.string() + " does not name " + file.filename().string());
}

}  // namespace loopgate::inspection
