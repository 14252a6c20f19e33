// Where an x86 kernel's jump leads by which it tells whether it preempts its own code
// (KernelLayout::preempt_jump): harness and instrument both follow it.
#pragma once

#include <cstdint>

namespace loopgate {

// JMP rel32 at an address, by the bytes there, the lowest first; else nowhere.
constexpr std::uint64_t amd64_jumps_to(std::uint64_t address, std::uint64_t code) {
  constexpr std::uint64_t size = 5;
  if ((code & 0xffU) != 0xe9U) return 0;
  const auto offset = static_cast<std::int32_t>(static_cast<std::uint32_t>(code >> 8U));
  return address + size + static_cast<std::uint64_t>(std::int64_t{offset});
}

}  // namespace loopgate
