// What git says of commits: whatever is read keeps to what a search needs.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "bisect/commit_range.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace loopgate;
  const auto range = parse_commit_range({reinterpret_cast<const char*>(data), size});
  if (!range) return 0;
  if (range->commits.size() != range->graph.parents.size()) std::abort();
  for (std::size_t i = 0; i < range->graph.parents.size(); ++i)
    for (const std::size_t parent : range->graph.parents[i])
      if (parent >= i) std::abort();
  return 0;
}
