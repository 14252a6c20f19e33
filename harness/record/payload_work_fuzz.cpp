// libFuzzer: whatever a payload prints is read, or refused in one sentence.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "record/payload_work.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace loopgate;
  const nlohmann::json printed = nlohmann::json::parse(data, data + size, nullptr, false);
  const auto work = payload_work_in(printed);
  if (!work) {
    if (work.error().kind != ErrorKind::data || work.error().what.empty()) std::abort();
    return 0;
  }
  if (!*work) return 0;
  for (const NamedAmount& stage : (*work)->computed_bytes)
    if (stage.amount > payload_amount_max) std::abort();
  return 0;
}
