// libFuzzer: what is read as a report is written and read again without a change; all else is refused in one
// sentence.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "protocol/report.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto report = loopgate::parse_report({reinterpret_cast<const char*>(data), size});
  if (!report) {
    if (report.error().kind != loopgate::ErrorKind::data || report.error().what.empty()) std::abort();
    return 0;
  }
  const auto again = loopgate::parse_report(loopgate::to_json(*report));
  if (!again || *again != *report) std::abort();
  return 0;
}
