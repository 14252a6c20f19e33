// libFuzzer: what is read as an event is written and read again without a change; all else is refused in one
// sentence.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "protocol/instrument_event.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto event = loopgate::parse_event({reinterpret_cast<const char*>(data), size});
  if (!event) {
    if (event.error().kind != loopgate::ErrorKind::data || event.error().what.empty()) std::abort();
    return 0;
  }
  const auto again = loopgate::parse_event(loopgate::to_line(*event));
  if (!again || *again != *event) std::abort();
  return 0;
}
