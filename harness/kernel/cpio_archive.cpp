#include "kernel/cpio_archive.h"

#include <charconv>

namespace loopgate {
namespace {

// Thirteen fields of eight hexadecimal digits behind the magic number
// (Documentation/driver-api/early-userspace/ buffer-format.rst).
constexpr std::string_view magic = "070701";
constexpr std::size_t header_size = 110;
constexpr std::size_t mode_field = 1;
constexpr std::size_t size_field = 6;
constexpr std::size_t name_size_field = 11;
constexpr std::string_view last_name = "TRAILER!!!";

bool read_field(std::string_view header, std::size_t field, std::uint32_t* value) {
  const std::string_view digits = header.substr(magic.size() + field * 8, 8);
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), *value, 16);
  return error == std::errc() && end == digits.data() + digits.size();
}

std::size_t padded(std::size_t size) { return (size + 3) & ~std::size_t{3}; }

}  // namespace

Result<std::vector<CpioMember>> read_cpio(std::string_view archive) {
  const auto damaged = [](std::size_t at) {
    return fail(ErrorKind::data, "the archive is damaged at byte " + std::to_string(at),
                "remove it: it is made again");
  };
  std::vector<CpioMember> members;
  for (std::size_t at = 0; at < archive.size();) {
    if (archive[at] == '\0') {  // between two archives
      ++at;
      continue;
    }
    const std::string_view header = archive.substr(at, header_size);
    std::uint32_t mode = 0;
    std::uint32_t size = 0;
    std::uint32_t name_size = 0;
    if (header.size() != header_size || !header.starts_with(magic) ||
        !read_field(header, mode_field, &mode) || !read_field(header, size_field, &size) ||
        !read_field(header, name_size_field, &name_size) || name_size == 0)
      return damaged(at);
    const std::size_t bytes_at = at + padded(header_size + name_size);
    const std::size_t end = bytes_at + padded(size);
    if (bytes_at + size > archive.size()) return damaged(at);
    const std::string_view name = archive.substr(at + header_size, name_size - 1);
    if (name != last_name) members.push_back({name, mode, archive.substr(bytes_at, size)});
    at = end;
  }
  return members;
}

}  // namespace loopgate
