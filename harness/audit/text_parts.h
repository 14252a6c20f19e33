// Parses texts of /proc and /sys.
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace loopgate {

// Without surrounding blanks, line ends and the NUL that ends a device tree's string.
inline std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blank(" \t\r\n\0", 5);
  const std::size_t first = text.find_first_not_of(blank);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blank) - first + 1);
}

// The parts between the marks, including empty ones; one part when there is no mark.
inline std::vector<std::string_view> split(std::string_view text, char mark) {
  std::vector<std::string_view> parts;
  for (;;) {
    const std::size_t end = text.find(mark);
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

// Without the empty one after the last line end.
inline std::vector<std::string_view> lines_of(std::string_view text) {
  auto lines = split(text, '\n');
  if (lines.back().empty()) lines.pop_back();
  return lines;
}

inline std::vector<std::string_view> words_of(std::string_view text) {
  constexpr std::string_view blank = " \t\r\n";
  std::vector<std::string_view> words;
  for (std::size_t at = text.find_first_not_of(blank); at != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(blank, at), text.size());
    words.push_back(text.substr(at, end - at));
    at = text.find_first_not_of(blank, end);
  }
  return words;
}

// "eth1,can*": names of devices, as patterns of the shell; each has a letter or digit, since * alone would
// mean every device. Nothing when one is empty or has other characters.
inline std::optional<std::vector<std::string>> parse_names(std::string_view text) {
  const auto plain = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  std::vector<std::string> names;
  for (const std::string_view name : split(trimmed(text), ',')) {
    const bool good = std::all_of(name.begin(), name.end(), [&](char c) {
      return plain(c) || std::string_view("*?._-@:+").find(c) != std::string_view::npos;
    });
    if (!good || std::none_of(name.begin(), name.end(), plain)) return std::nullopt;
    names.emplace_back(name);
  }
  return names;
}

// Parses the whole text, or gives nothing. `base` is for integers.
template <class Number>
std::optional<Number> parse_number(std::string_view text, int base = 10) {
  Number number{};
  std::from_chars_result read{};
  if constexpr (std::is_integral_v<Number>) {
    read = std::from_chars(text.data(), text.data() + text.size(), number, base);
  } else {
    read = std::from_chars(text.data(), text.data() + text.size(), number);
  }
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

// At most `width` bytes, cut between characters, with "..." at the cut.
inline std::string shortened(std::string_view text, std::size_t width) {
  if (text.size() <= width) return std::string(text);
  std::size_t end = width - 3;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return std::string(text.substr(0, end)) + "...";
}

}  // namespace loopgate
