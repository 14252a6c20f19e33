// libFuzzer: whatever the lines, they are refused in one sentence, or each says why its cell is INVALID.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "record/amendments.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace loopgate;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto read = parse_amendments(text, "amendments.jsonl");
  if (!read) {
    if (read.error().kind != ErrorKind::data || read.error().what.empty()) std::abort();
    return 0;
  }
  for (const Amendment& each : *read) {
    const auto again = parse_amendments(to_json(each) + "\n", "amendments.jsonl");
    if (!again || again->size() != 1 || to_json(again->front()) != to_json(each)) std::abort();
  }
  return 0;
}
