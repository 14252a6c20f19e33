#include "base/trace_dat.h"

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "base/little_endian.h"

namespace loopgate {
namespace {

using namespace std::string_view_literals;

constexpr std::uint8_t little_endian = 0;
constexpr std::uint8_t long_size = 8;
constexpr std::uint16_t option_version = 9;  // what wrote the file
constexpr std::uint16_t option_end = 0;
constexpr const char* own_system = "ftrace";

template <class Size>
void append_sized(std::string* file, std::string_view data) {
  append_little_endian(file, static_cast<Size>(data.size()));
  *file += data;
}

void append_headers(std::string* file, const TraceDatParts& parts) {
  *file += "\x17\x08\x44tracing6\0"sv;
  append_little_endian(file, little_endian);
  append_little_endian(file, long_size);
  append_little_endian(file, static_cast<std::uint32_t>(parts.page_size));
  *file += "header_page\0"sv;
  append_sized<std::uint64_t>(file, parts.header_page);
  *file += "header_event\0"sv;
  append_sized<std::uint64_t>(file, parts.header_event);
}

// The formats of one system, with their number before them.
void append_formats(std::string* file, const std::vector<std::string>& formats) {
  append_little_endian(file, static_cast<std::uint32_t>(formats.size()));
  for (const std::string& format : formats) append_sized<std::uint64_t>(file, format);
}

void append_all_formats(std::string* file, const TraceDatParts& parts) {
  const auto own = parts.formats.find(own_system);
  append_formats(file, own == parts.formats.end() ? std::vector<std::string>() : own->second);
  const std::size_t others = parts.formats.size() - (own == parts.formats.end() ? 0 : 1);
  append_little_endian(file, static_cast<std::uint32_t>(others));
  for (const auto& [system, formats] : parts.formats) {
    if (system == own_system) continue;
    *file += system;
    *file += '\0';
    append_formats(file, formats);
  }
}

void append_options(std::string* file, const TraceDatParts& parts) {
  *file += "options  \0"sv;
  append_little_endian(file, option_version);
  append_sized<std::uint32_t>(file, parts.told_by + '\0');
  append_little_endian(file, option_end);
}

// Each CPU's place and size, then the pages themselves, from a page's begin on.
void append_pages(std::string* file, const TraceDatParts& parts) {
  constexpr std::size_t place_and_size = 16;
  const std::size_t head = file->size() + parts.pages.size() * place_and_size;
  const std::size_t begin = (head + parts.page_size - 1) / parts.page_size * parts.page_size;
  std::size_t place = begin;
  for (const std::string& of_cpu : parts.pages) {
    append_little_endian(file, static_cast<std::uint64_t>(place));
    append_little_endian(file, static_cast<std::uint64_t>(of_cpu.size()));
    place += of_cpu.size();
  }
  file->resize(begin);
  for (const std::string& of_cpu : parts.pages) *file += of_cpu;
}

}  // namespace

std::string trace_dat_of(const TraceDatParts& parts) {
  std::string file;
  append_headers(&file, parts);
  append_all_formats(&file, parts);
  append_sized<std::uint32_t>(&file, "");  // kallsyms: no event has an address
  append_sized<std::uint32_t>(&file, "");  // formats of trace_printk()
  append_sized<std::uint64_t>(&file, parts.command_lines);
  append_little_endian(&file, static_cast<std::uint32_t>(parts.pages.size()));
  append_options(&file, parts);
  file += "flyrecord\0"sv;
  append_pages(&file, parts);
  return file;
}

}  // namespace loopgate
