// libFuzzer: what is read as a job is written and read again without a change; all else is refused in one
// sentence.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "protocol/job.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto job = loopgate::parse_job({reinterpret_cast<const char*>(data), size});
  if (!job) {
    if (job.error().kind != loopgate::ErrorKind::data || job.error().what.empty()) std::abort();
    return 0;
  }
  const auto again = loopgate::parse_job(loopgate::to_json(*job));
  if (!again || *again != *job) std::abort();
  return 0;
}
