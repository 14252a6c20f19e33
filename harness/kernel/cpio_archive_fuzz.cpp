// libFuzzer: whatever an archive holds, it is refused in one sentence, or its members lie within it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "kernel/cpio_archive.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace loopgate;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto read = read_cpio(text);
  if (!read) {
    if (read.error().kind != ErrorKind::data || read.error().what.empty()) std::abort();
    return 0;
  }
  const auto lies_within = [&](std::string_view part) {
    return part.empty() || (part.data() >= text.data() && part.data() + part.size() <= text.data() + size);
  };
  for (const CpioMember& member : *read)
    if (!lies_within(member.name) || !lies_within(member.bytes)) std::abort();
  return 0;
}
