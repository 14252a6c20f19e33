// libFuzzer: whatever the bytes, the bench is refused in one sentence or can be reached and switched.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "config/lab.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto lab =
      loopgate::parse_lab({reinterpret_cast<const char*>(data), size}, "lab.toml", "/bench", "pi");
  if (!lab) {
    if (lab.error().kind != loopgate::ErrorKind::usage || lab.error().what.empty()) std::abort();
    return 0;
  }
  if (lab->ssh.empty() ? !lab->labgrid : lab->ssh.front() == '-') std::abort();
  if (lab->power_off.empty() != lab->power_on.empty()) std::abort();
  if (lab->labgrid && lab->labgrid->place.empty() == lab->labgrid->tags.empty()) std::abort();
  if (!lab->ssh_config.empty() && !lab->ssh_config.is_absolute()) std::abort();
  return 0;
}
