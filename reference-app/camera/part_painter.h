// The synthetic camera: phone shells with a rim, a camera island, brushed metal, glare and noise; a bad one
// has a curved scratch.
//
// In integers throughout, so the same seed gives the same bytes on every architecture and compiler; no flag
// is needed. Nothing is allocated.
#pragma once

#include <cstdint>

#include "camera/frame.h"

namespace loopgate::inspection {

// Writes camera_frame.pixels() bytes. The good and the bad picture of one seed differ in the scratch alone.
void paint_part(std::uint64_t seed, bool good, std::uint8_t* pixels);

}  // namespace loopgate::inspection
