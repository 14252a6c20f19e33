// libFuzzer: rows that are read are written and read again without a change; all else is refused in one
// sentence.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "run/asked_for.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace loopgate;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto read = parse_asked_for(text, "evidence.json");
  if (!read) {
    if (read.error().kind != ErrorKind::data || read.error().what.empty()) std::abort();
    return 0;
  }
  const nlohmann::json document = {{"format", evidence_format}, {"asked_for", to_json(*read)}};
  const auto again = parse_asked_for(document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
                                     "evidence.json");
  if (!again || *again != *read) std::abort();
  if (worst_first(*read).size() != read->size()) std::abort();
  return 0;
}
