// cost.json: whatever is read is written as the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "record/cost_file.h"
#include "record/seal.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace loopgate;
  const std::string text(reinterpret_cast<const char*>(data), size);
  if (text.rfind("\n}") == std::string::npos) return 0;
  // Past the seal, which keeps chance out.
  const auto record = parse_cost_record(with_seal(text), "cost.json");
  if (!record) return 0;
  const std::string written = to_json(*record);
  const auto again = parse_cost_record(written, "cost.json");
  if (!again || to_json(*again) != written) std::abort();
  return 0;
}
