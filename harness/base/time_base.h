// Which clock a figure is of. Virtual and wall-clock figures never mix.
#pragma once

#include <array>
#include <cstdint>
#include <utility>

namespace loopgate {

enum class TimeBase : std::uint32_t {
  virtual_time = 1,  // QEMU's icount clock: 2^shift ns an instruction
  wall_clock = 2,
};

// As every file names them.
inline constexpr std::array<std::pair<const char*, TimeBase>, 2> time_bases = {
    {{"virtual", TimeBase::virtual_time}, {"wall", TimeBase::wall_clock}}};

constexpr const char* name_of(TimeBase base) { return base == TimeBase::virtual_time ? "virtual" : "wall"; }

}  // namespace loopgate
