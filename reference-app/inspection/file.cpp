#include "inspection/file.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>

namespace loopgate::inspection {

namespace fs = std::filesystem;

Result<std::string> read_file(const fs::path& path, std::size_t limit, int exit_status) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) return fail(exit_status, path.string() + ": no such file");
  if (!fs::is_regular_file(status)) return fail(exit_status, path.string() + ": not a regular file");
  const std::uintmax_t size = fs::file_size(path, error);
  if (error) return fail(exit_status, path.string() + ": cannot be read: " + error.message());
  if (size > limit)
    return fail(exit_status, path.string() + ": " + std::to_string(size) + " bytes, more than the limit of " +
                                 std::to_string(limit));
  std::ifstream file(path, std::ios::binary);
  std::string bytes(static_cast<std::size_t>(size), '\0');
  if (!file.read(bytes.data(), static_cast<std::streamsize>(size)))
    return fail(exit_status, path.string() + ": cannot be read: " + std::strerror(errno));
  return bytes;
}

}  // namespace loopgate::inspection
