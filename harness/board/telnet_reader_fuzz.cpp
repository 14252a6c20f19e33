// libFuzzer: whatever a server sends, and however it is cut, the text and the answers are the same, no longer
// than what was sent, and an answer is whole.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "board/telnet_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view all(reinterpret_cast<const char*>(data), size);
  const std::size_t cut = data[0] % size;
  loopgate::TelnetReader whole;
  const auto at_once = whole.take(all);
  loopgate::TelnetReader parts;
  const auto first = parts.take(all.substr(0, cut));
  const auto second = parts.take(all.substr(cut));
  if (first.text + second.text != at_once.text || first.answer + second.answer != at_once.answer)
    std::abort();
  if (at_once.text.size() + at_once.answer.size() > size || at_once.answer.size() % 3 != 0) std::abort();
  return 0;
}
