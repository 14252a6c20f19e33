// Which clock a figure is of. Virtual and wall-clock figures never mix.
#pragma once

#include <cstdint>

namespace loopgate {

enum class TimeBase : std::uint32_t {
  virtual_time = 1,  // QEMU's icount clock: 2^shift ns an instruction
  wall_clock = 2,
};

// "virtual" or "wall", as every file names it.
constexpr const char* name_of(TimeBase base) { return base == TimeBase::virtual_time ? "virtual" : "wall"; }

}  // namespace loopgate
