// Numbers as every machine of ours writes them.
#pragma once

#include <concepts>
#include <string>
#include <type_traits>

namespace loopgate {

template <std::integral T>
void append_little_endian(std::string* bytes, T number) {
  auto rest = static_cast<std::make_unsigned_t<T>>(number);
  for (std::size_t i = 0; i < sizeof(T); ++i) {
    bytes->push_back(static_cast<char>(rest & 0xffU));
    if constexpr (sizeof(T) > 1) rest = static_cast<std::make_unsigned_t<T>>(rest >> 8U);
  }
}

}  // namespace loopgate
