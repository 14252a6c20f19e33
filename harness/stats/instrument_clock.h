// Times of a target's CLOCK_MONOTONIC on the instrument's clock.
#pragma once

#include <cstdint>

#include "base/time_base.h"

namespace loopgate {

// How far the two lie apart: on virtual time they are read within some 20 instructions and the counter's
// ticks are of 16 ns; on a board they are one clock, of which an edge has a stamp of its own.
inline constexpr std::int64_t clock_error_ns = 200;

// What is to be added. On a board CLOCK_MONOTONIC is the instrument's clock; on virtual time that is the
// counter's since the machine was switched on. The counter's ticks (16 ns on QEMU's Cortex-A72) are cut off,
// never rounded, as the guest's own clock does. `Header`: read at one moment, as in protocol/clock_pair.h.
template <class Header>
std::int64_t instrument_offset_ns(TimeBase time_base, const Header& header) {
  if (time_base == TimeBase::wall_clock) return 0;
  __extension__ using Wide = unsigned __int128;
  return static_cast<std::int64_t>(Wide{header.counter} * 1'000'000'000U / header.counter_hz) -
         header.monotonic_ns;
}

}  // namespace loopgate
