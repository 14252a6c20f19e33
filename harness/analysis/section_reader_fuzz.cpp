// libFuzzer: whatever a file of sections holds, it is refused in one sentence, or summed up to the window.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "analysis/section_reader.h"
#include "analysis/section_summary.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace loopgate;  // NOLINT(google-build-using-namespace)
  const auto sections = read_sections({reinterpret_cast<const char*>(data), size});
  if (!sections) return 0;
  auto symbols = Symbols::of_kernel("ffff800080000000 T _stext\nffff800080010000 T vectors\n");
  const SectionSummary summary = summarize(*sections, &*symbols);
  std::uint64_t count = 0;
  for (const KindOfSection& kind : summary.kinds) count += kind.count;
  if (count != sections->windows.size()) std::abort();
  return 0;
}
