// libFuzzer: whatever a board answers, it is refused in one sentence, or gives values that can be.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "board/environment.h"
#include "board/running_kernel.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace loopgate;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::string answer(text);
  const auto kernel = parse_running_kernel(answer);
  if (!kernel && kernel.error().what.empty()) std::abort();
  for (const std::string& banner : banners_in(text))
    if (text.find(banner) == text.npos) std::abort();
  if (build_in(text).size() > size) std::abort();
  const auto read = parse_snapshot(answer);
  if (!read) {
    if (read.error().kind != ErrorKind::data || read.error().what.empty()) std::abort();
    return 0;
  }
  for (const auto& [cpu, khz] : read->frequencies_khz)
    if (cpu < 0 || khz < 0) std::abort();
  return 0;
}
