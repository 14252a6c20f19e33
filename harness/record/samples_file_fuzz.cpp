// libFuzzer: whatever the bytes, the reader refuses them in one sentence or gives samples that hold together.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "record/samples_file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = loopgate::parse_samples({reinterpret_cast<const char*>(data), size}, "fuzz.lgs");
  if (!file) {
    if (file.error().kind != loopgate::ErrorKind::data || file.error().what.empty()) std::abort();
    return 0;
  }
  if (file->samples.empty()) std::abort();
  for (const loopgate::Sample& sample : file->samples)
    if (sample.answered() && sample.latency_ns() < 0) std::abort();
  if (!loopgate::first_difference(*file, *file).empty()) std::abort();
  return 0;
}
