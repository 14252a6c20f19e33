// libFuzzer: whatever the text, the reader refuses it in one sentence or gives levels whose samples only ever
// go on.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <sstream>

#include "capture/samplerate.h"
#include "capture/sigrok_csv.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace loopgate;
  std::string text(reinterpret_cast<const char*>(bytes), size);
  // Half of the inputs begin behind a good head, which is hard to come by at random.
  if (size % 2 == 0) text = "; Channels (3/3): D0, D1, A0\n; Samplerate: 25 MHz\n" + text;
  auto reader = open_csv(std::make_unique<std::istringstream>(text), "fuzz.csv", {"D0", "D1"});
  if (!reader) return reader.error().what.empty() ? (std::abort(), 0) : 0;
  std::int64_t last = -1;
  const auto samples = (*reader)->read([&](std::uint64_t sample, Levels) {
    const std::int64_t now = time_of_sample(sample, (*reader)->samplerate_hz());
    if (now <= last) std::abort();
    last = now;
    return Status();
  });
  if (!samples && (samples.error().kind != ErrorKind::data || samples.error().what.empty())) std::abort();
  if (samples && (*samples == 0 || last < 0)) std::abort();
  return 0;
}
