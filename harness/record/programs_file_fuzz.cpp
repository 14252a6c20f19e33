// libFuzzer: what is read as programs.json is written back as the same, and all else is refused in one
// sentence.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "record/programs_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto read = loopgate::parse_programs({reinterpret_cast<const char*>(data), size}, "programs.json");
  if (!read) {
    if (read.error().kind != loopgate::ErrorKind::data || read.error().what.empty()) std::abort();
    return 0;
  }
  const auto again = loopgate::parse_programs(loopgate::to_json(*read), "programs.json");
  if (!again || !(*again == *read)) std::abort();
  return 0;
}
