// libFuzzer: whatever the bytes are, they are read as a sealed object or as none; an object that is sealed is
// read as it was.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/json.h"
#include "base/sealed_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  (void)loopgate::unsealed(text);
  auto object = loopgate::parse_json(text);
  if (!object.is_object()) return 0;
  object.erase("seal");
  const auto again = loopgate::unsealed(loopgate::sealed(object));
  if (!again || *again != object) std::abort();
  return 0;
}
