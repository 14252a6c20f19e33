#include "bundle/ustar.h"

#include <fmt/format.h>

namespace loopgate {
namespace {

constexpr std::size_t name_length = 100;
constexpr std::size_t prefix_length = 155;

void put(std::string* header, std::size_t offset, std::string_view field) {
  header->replace(offset, field.size(), field);
}

// Where the path is cut in two at a slash; npos where it needs no cut.
std::optional<std::size_t> cut_of(std::string_view path) {
  if (path.size() <= name_length) return std::string_view::npos;
  const std::size_t slash = path.rfind('/', prefix_length);
  if (slash == std::string_view::npos || slash == 0) return std::nullopt;
  if (path.size() - slash - 1 > name_length || slash + 1 == path.size()) return std::nullopt;
  return slash;
}

}  // namespace

std::optional<std::string> ustar_header(std::string_view path, std::uint64_t size) {
  const auto cut = cut_of(path);
  if (!cut || path.empty() || size > largest_tar_file) return std::nullopt;
  const bool whole = *cut == std::string_view::npos;
  std::string header(tar_block, '\0');
  put(&header, 0, whole ? path : path.substr(*cut + 1));
  put(&header, 100, "0000644");
  put(&header, 108, "0000000");
  put(&header, 116, "0000000");
  put(&header, 124, fmt::format("{:011o}", size));
  put(&header, 136, "00000000000");
  put(&header, 148, "        ");  // what the sum is taken with
  put(&header, 156, "0");
  put(&header, 257, std::string_view("ustar\00000", 8));
  put(&header, 329, "0000000");
  put(&header, 337, "0000000");
  if (!whole) put(&header, 345, path.substr(0, *cut));
  unsigned sum = 0;
  for (const char byte : header) sum += static_cast<unsigned char>(byte);
  put(&header, 148, std::string(fmt::format("{:06o}", sum)) + '\0' + ' ');
  return header;
}

std::string path_of_ustar_header(std::string_view block) {
  if (block.size() != tar_block || block.substr(257, 5) != "ustar") return {};
  const auto field = [&](std::size_t offset, std::size_t length) {
    const std::string_view whole = block.substr(offset, length);
    return std::string(whole.substr(0, whole.find('\0')));
  };
  const std::string prefix = field(345, prefix_length);
  return prefix.empty() ? field(0, name_length) : prefix + "/" + field(0, name_length);
}

}  // namespace loopgate
