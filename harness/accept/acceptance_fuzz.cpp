// libFuzzer: whatever the bytes are, they are read as an acceptance's record or refused; one that is accepted
// is read again as it is written. The plan's digest is put right first, too, or nearly none would get past
// it.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "accept/acceptance.h"
#include "base/digest.h"
#include "base/json.h"

namespace {

void read(std::string_view text) {
  const auto record = loopgate::parse_acceptance_record(text, "acceptance.json");
  if (!record) return;
  const std::string written = loopgate::to_text(loopgate::json_of(*record));
  const auto again = loopgate::parse_acceptance_record(written, "acceptance.json");
  if (!again || loopgate::to_text(loopgate::json_of(*again)) != written) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read(text);
  auto object = loopgate::parse_json(text);
  if (!object.is_object() || !object.contains("plan") || !object["plan"].is_object() ||
      !object["plan"].contains("toml") || !object["plan"]["toml"].is_string())
    return 0;
  object["plan"]["sha256"] = loopgate::sha256_of(object["plan"]["toml"].get<std::string>());
  read(loopgate::to_text(object));
  return 0;
}
