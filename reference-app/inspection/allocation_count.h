// How often the calling thread has allocated memory. A build either counts or does not: it links
// allocation_count.cpp or allocation_count_off.cpp.
#pragma once

#include <cstdint>
#include <optional>

namespace loopgate::inspection {

// Empty when this build does not count.
std::optional<std::uint64_t> allocations_so_far();

}  // namespace loopgate::inspection
