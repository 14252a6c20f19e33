// Numbers as people read them.
#pragma once

#include <cstdint>
#include <string>

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

}  // namespace loopgate
