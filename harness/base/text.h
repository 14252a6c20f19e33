// Numbers as people read them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace loopgate {

// 10000 -> "10,000", whatever the locale.
inline std::string with_thousands(std::uint64_t number) {
  std::string text = std::to_string(number);
  for (std::size_t at = text.size(); at > 3;) {
    at -= 3;
    text.insert(at, ",");
  }
  return text;
}

// The last line that is not blank: what a person should see of a program's complaint. A carriage return ends
// a line, too: of a line that was overwritten, as progress is shown, the last state counts.
inline std::string last_line(std::string_view text) {
  const std::size_t end = text.find_last_not_of(" \t\r\n");
  const std::string_view whole = text.substr(0, end == std::string_view::npos ? 0 : end + 1);
  const std::size_t begin = whole.find_last_of("\r\n");
  return std::string(begin == std::string_view::npos ? whole : whole.substr(begin + 1));
}

}  // namespace loopgate
