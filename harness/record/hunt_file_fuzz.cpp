// libFuzzer: what is read is written and read again without a change; all else is refused in one sentence.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "record/hunt_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace loopgate;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto read = parse_hunt(text, "hunt.json");
  if (!read) {
    if (read.error().kind != ErrorKind::data || read.error().what.empty()) std::abort();
    return 0;
  }
  const std::string written = to_json(*read);
  const auto again = parse_hunt(written, "hunt.json");
  if (!again || to_json(*again) != written) std::abort();
  return 0;
}
