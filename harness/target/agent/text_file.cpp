#include "target/agent/text_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <limits>

#include "target/agent/descriptor.h"

namespace loopgate {
namespace {

tl::unexpected<Error> refused(const std::string& path, const char* what, int error_number) {
  return fail(ErrorKind::infrastructure, path + ": cannot be " + what + ": " + std::strerror(error_number));
}

}  // namespace

namespace {

Result<std::string> read_from(const Descriptor& file, const std::string& path, std::size_t bytes_max) {
  std::string text;
  std::array<char, 4096> chunk{};
  while (text.size() < bytes_max) {
    const ssize_t n = ::read(file.get(), chunk.data(), std::min(chunk.size(), bytes_max - text.size()));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return refused(path, "read", errno);
    if (n == 0) break;
    text.append(chunk.data(), static_cast<std::size_t>(n));
  }
  return text;
}

}  // namespace

Result<std::string> read_head(const std::string& path, std::size_t bytes_max) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return refused(path, "read", errno);
  return read_from(file, path, bytes_max);
}

Result<std::string> read_tail(const std::string& path, std::size_t bytes_max) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file.valid()) return refused(path, "read", errno);
  const off_t size = ::lseek(file.get(), 0, SEEK_END);
  const auto kept = static_cast<off_t>(bytes_max);
  if (size < 0 || ::lseek(file.get(), std::max<off_t>(size - kept, 0), SEEK_SET) < 0)
    return refused(path, "read", errno);
  return read_from(file, path, bytes_max);
}

Result<std::string> read_text(const std::string& path) {
  return read_head(path, std::numeric_limits<std::size_t>::max());
}

Status write_text(const std::string& path, std::string_view text) {
  const Descriptor file(::open(path.c_str(), O_WRONLY | O_TRUNC | O_CLOEXEC));
  if (!file.valid()) return refused(path, "written", errno);
  const ssize_t n = ::write(file.get(), text.data(), text.size());
  if (n < 0) return refused(path, "written", errno);
  if (static_cast<std::size_t>(n) != text.size()) return refused(path, "written", EIO);
  return {};
}

std::string_view without_end(std::string_view text) {
  const std::size_t last = text.find_last_not_of(" \t\r\n");
  return last == std::string_view::npos ? std::string_view() : text.substr(0, last + 1);
}

std::string tail_of(std::string_view text, std::size_t bytes_max) {
  return std::string(text.size() > bytes_max ? text.substr(text.size() - bytes_max) : text);
}

}  // namespace loopgate
