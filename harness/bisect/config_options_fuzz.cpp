// The options of a .config: whatever is read is written as the same.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "bisect/config_options.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace loopgate;
  const auto options = parse_config_options({reinterpret_cast<const char*>(data), size});
  if (parse_config_options(to_fragment(options)) != options) std::abort();
  return 0;
}
