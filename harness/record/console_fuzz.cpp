// libFuzzer: whatever a console shows, the finding comes to an end, and what it quotes stood there.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "record/console.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace loopgate;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const ConsoleFinding finding = read_console(text);
  if (finding.kernel_failed == finding.what.empty()) std::abort();
  if (finding.what.find('\n') != std::string::npos) std::abort();
  return 0;
}
