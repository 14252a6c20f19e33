// libFuzzer: whatever the bytes, a verdict is refused in one sentence or is one that the gate gives.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "gate/recorded_verdict.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto read =
      loopgate::parse_recorded_verdict({reinterpret_cast<const char*>(data), size}, "verdict.json");
  if (!read) {
    if (read.error().kind != loopgate::ErrorKind::data || read.error().what.empty()) std::abort();
    return 0;
  }
  const auto check = [](const std::string& verdict) {
    for (const char* known : {"PASS", "FAIL", "INVALID", "INCONCLUSIVE", "NOT GATED"})
      if (verdict == known) return;
    std::abort();
  };
  check(read->verdict);
  for (const auto& [group, verdict] : read->groups) check(verdict);
  return 0;
}
