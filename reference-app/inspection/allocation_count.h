// How many times the calling thread has asked for memory. Counted only in a build that is for it: one of
// allocation_count.cpp and allocation_count_off.cpp is linked.
#pragma once

#include <cstdint>
#include <optional>

namespace loopgate::inspection {

// Nothing: this build does not count.
std::optional<std::uint64_t> allocations_so_far();

}  // namespace loopgate::inspection
