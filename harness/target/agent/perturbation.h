// What makes one replicate another trajectory of the same kernel. All replicates on virtual time begin in one
// saved state: by the schedule alone they would share its memory layout, its random numbers and the load's
// phase, and would be more alike than two boots are (seen: a longer command line moved the share of munmap()
// in the load by a tenth, and no schedule did).
#pragma once

#include <cstddef>
#include <tl/expected.hpp>

#include "base/result.h"
#include "protocol/job.h"

namespace loopgate {

// Mixes 32 bytes that come of the seed into the kernel's random numbers, which address space layout and
// stress-ng draw from, and makes them count at once. Needs CAP_SYS_ADMIN.
Status mix_into_random_numbers(std::uint64_t seed);

// Memory that is taken before the load is, page by page, so that the load gets other pages.
class HeldMemory {
 public:
  static Result<HeldMemory> take(std::size_t pages);
  HeldMemory() = default;
  ~HeldMemory();
  HeldMemory(HeldMemory&& other) noexcept;
  HeldMemory& operator=(HeldMemory&& other) noexcept;
  HeldMemory(const HeldMemory&) = delete;
  HeldMemory& operator=(const HeldMemory&) = delete;

  std::size_t size() const { return size_; }

 private:
  HeldMemory(void* begin, std::size_t size) : begin_(begin), size_(size) {}

  void* begin_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace loopgate
