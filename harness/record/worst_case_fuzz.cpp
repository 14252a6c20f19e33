// libFuzzer: what is read as worst-case.json is written back as the same, and all else is refused in one
// sentence.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "record/worst_case.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto read =
      loopgate::parse_worst_cases({reinterpret_cast<const char*>(data), size}, "worst-case.json");
  if (!read) {
    if (read.error().kind != loopgate::ErrorKind::data || read.error().what.empty()) std::abort();
    return 0;
  }
  const auto again = loopgate::parse_worst_cases(loopgate::to_json(*read), "worst-case.json");
  if (!again || !(*again == *read)) std::abort();
  return 0;
}
