#include "protocol/picture_archive.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstring>

namespace loopgate {
namespace {

constexpr std::size_t block = 512;

struct Header {
  char name[archived_name_max];
  char mode[8], owner[8], group[8];
  char size[12], time[12];
  char checksum[8];
  char type;
  char link[100];
  char magic[6];
  char version[2];
  char names[64];
  char device[16];
  char prefix[155];
  char padding[12];
};
static_assert(sizeof(Header) == block);

constexpr char regular_file = '0', old_regular_file = '\0', folder = '5';
constexpr std::string_view ustar = "ustar";

std::size_t padded(std::size_t size) { return (size + block - 1) / block * block; }

// The sum of the header's bytes, with blanks in place of the sum.
unsigned checksum_of(const Header& header) {
  const auto* bytes = reinterpret_cast<const unsigned char*>(&header);
  unsigned sum = 0;
  for (std::size_t i = 0; i < block; ++i) sum += bytes[i];
  for (const char c : header.checksum) sum += ' ' - static_cast<unsigned char>(c);
  return sum;
}

// Octal digits, up to a blank or a zero. UINT64_MAX where there is anything else: the base-256 form of files
// above 8 GB is among it.
std::uint64_t octal(std::string_view field) {
  std::uint64_t value = 0;
  std::size_t at = 0;
  while (at < field.size() && field[at] == ' ') ++at;
  const std::size_t begin = at;
  for (; at < field.size() && field[at] >= '0' && field[at] <= '7'; ++at)
    value = value * 8 + static_cast<std::uint64_t>(field[at] - '0');
  const bool ends = at == field.size() || field[at] == ' ' || field[at] == '\0';
  return ends && at > begin ? value : UINT64_MAX;
}

template <std::size_t size>
std::string text_of(const char (&field)[size]) {
  return {field, strnlen(field, size)};
}

Header header_of(const ArchivedFile& file) {
  Header header{};
  std::memcpy(header.name, file.name.data(), std::min(file.name.size(), archived_name_max));
  std::memcpy(header.mode, "0000644", sizeof header.mode);
  std::memcpy(header.owner, "0000000", sizeof header.owner);
  std::memcpy(header.group, "0000000", sizeof header.group);
  std::snprintf(header.size, sizeof header.size, "%011zo", file.bytes.size());
  std::memcpy(header.time, "00000000000", sizeof header.time);
  header.type = regular_file;
  std::memcpy(header.magic, "ustar", sizeof header.magic);
  std::memcpy(header.version, "00", sizeof header.version);
  std::snprintf(header.checksum, sizeof header.checksum, "%06o", checksum_of(header));
  header.checksum[7] = ' ';
  return header;
}

// What is wrong with it; empty when nothing is.
std::string complaint(const Header& header) {
  if (std::string_view(header.magic, ustar.size()) != ustar) return "is no tar archive in ustar form";
  if (octal({header.checksum, sizeof header.checksum}) != checksum_of(header))
    return "is no tar archive, or altered: a header's checksum does not fit";
  if (header.prefix[0] != '\0')
    return "has a name longer than " + std::to_string(archived_name_max) +
           " characters: " + text_of(header.prefix) + "/" + text_of(header.name);
  if (header.type != regular_file && header.type != old_regular_file && header.type != folder)
    return "holds more than files and folders (links, or extended headers): tar --format=ustar -h makes one "
           "that does not";
  return {};
}

}  // namespace

std::string write_picture_archive(const std::vector<ArchivedFile>& files) {
  std::string archive;
  for (const ArchivedFile& file : files) {
    const Header header = header_of(file);
    archive.append(reinterpret_cast<const char*>(&header), block);
    archive.append(file.bytes);
    archive.resize(padded(archive.size()), '\0');
  }
  archive.append(2 * block, '\0');
  return archive;
}

tl::expected<std::vector<ArchivedFile>, std::string> read_picture_archive(std::string_view archive) {
  std::vector<ArchivedFile> files;
  for (std::size_t at = 0; archive.size() - at >= block;) {
    if (archive.substr(at, block).find_first_not_of('\0') == std::string_view::npos) return files;
    Header header{};
    std::memcpy(&header, archive.data() + at, block);
    if (std::string what = complaint(header); !what.empty()) return tl::unexpected(std::move(what));
    at += block;
    const std::uint64_t told = header.type == folder ? 0 : octal({header.size, sizeof header.size});
    if (told > archive.size() - at) return tl::unexpected("is cut off within " + text_of(header.name));
    const auto size = static_cast<std::size_t>(told);
    if (header.type != folder) files.push_back({text_of(header.name), archive.substr(at, size)});
    at = std::min(padded(at + size), archive.size());
  }
  return tl::unexpected<std::string>("is cut off: it has no end of an archive");
}

}  // namespace loopgate
