// libFuzzer: whatever the bytes are, they are read as a manifest or refused; one that is accepted is written
// as it was read, and no path of it leads elsewhere. The input is sealed first, too, or nearly none would get
// past its digest.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/json.h"
#include "base/sealed_json.h"
#include "bundle/manifest.h"

namespace {

void read(std::string_view text) {
  const auto manifest = loopgate::parse_manifest(text);
  if (!manifest) return;
  if (loopgate::to_text(*manifest) != text) std::abort();
  for (const auto& [path, file] : manifest->files)
    if (!loopgate::is_safe_path(path)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  read(text);
  auto object = loopgate::parse_json(text);
  if (!object.is_object()) return 0;
  object.erase("seal");
  read(loopgate::sealed(std::move(object)));
  return 0;
}
