// libFuzzer: what is read as cyclictest's file holds each cycle once; all else is refused in one sentence.
// So is what it becomes where it is imported, in whatever portions it comes.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <numeric>

#include "programs/result/cyclictest_file.h"
#include "programs/result/cyclictest_json.h"
#include "programs/result/testing/fuzz_result.h"

namespace {

void check_refusal(const loopgate::Error& error) {
  if (error.kind != loopgate::ErrorKind::data || error.what.empty()) std::abort();
}

void check_histogram(const loopgate::CyclictestFile& file) {
  const auto read = loopgate::histogram_of(file, 100);
  if (!read) return check_refusal(read.error());
  const auto held = std::accumulate(read->count.begin(), read->count.end(), read->overflow);
  if (held != cycles_of(file) || held == 0 || read->min_ns.value_or(1) > read->max_ns.value_or(0))
    std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto file = loopgate::parse_cyclictest_file({reinterpret_cast<const char*>(data), size});
  if (file) {
    if (file->threads.empty()) std::abort();
    for (const loopgate::CyclictestThread& each : file->threads)
      if (each.binned > each.cycles || each.min > each.max) std::abort();
    check_histogram(*file);
  } else {
    check_refusal(file.error());
  }
  return loopgate::fuzz_result(data, size, loopgate::read_cyclictest_json);
}
