// Paints the synthetic camera's parts: phone shells with a rim, a camera island, brushed metal, glare and
// noise; a bad part has a curved scratch.
//
// Uses integers only, so the same seed gives the same bytes on every architecture and compiler. Does not
// allocate.
#pragma once

#include <cstdint>

#include "camera/frame.h"

namespace loopgate::inspection {

// Writes camera_frame.pixels() bytes. The good and the bad picture of one seed differ only in the scratch.
void paint_part(std::uint64_t seed, bool good, std::uint8_t* pixels);

}  // namespace loopgate::inspection
