// libFuzzer: whatever the bytes of a session file, or of its metadata, the reader refuses them in one
// sentence or gives levels whose samples only ever go on.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "capture/sigrok_session.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace loopgate;
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const auto metadata = parse_session_metadata(text, "fuzz.sr", {"D0", "D1"});
  if (!metadata && metadata.error().what.empty()) std::abort();
  if (metadata && (metadata->samplerate_hz == 0 || metadata->stimulus_bit >= 8 * metadata->unit_size ||
                   metadata->response_bit >= 8 * metadata->unit_size))
    std::abort();
  auto reader = open_session(text, "fuzz.sr", {"D0", "D1"});
  if (!reader) return reader.error().what.empty() ? (std::abort(), 0) : 0;
  std::uint64_t next = 0;
  const auto samples = (*reader)->read([&](std::uint64_t sample, Levels) {
    if (sample < next) std::abort();
    next = sample + 1;
    return Status();
  });
  if (!samples && samples.error().what.empty()) std::abort();
  if (samples && *samples < next) std::abort();
  return 0;
}
