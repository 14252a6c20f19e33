#include "inspection/synthetic_camera.h"

#include <cstring>

#include "camera/part_painter.h"
#include "protocol/part_truth.h"

namespace loopgate::inspection {

namespace {
constexpr auto picture_bytes = static_cast<std::size_t>(camera_frame.pixels());
}

SyntheticCamera::SyntheticCamera(std::uint64_t seed, std::uint64_t fuse)
    : seed_(seed), fuse_(fuse), bank_(bank_size * picture_bytes) {
  for (unsigned entry = 0; entry < bank_size; ++entry)
    paint_part(entry_seed(seed, entry), entry_is_good(seed, entry), bank_.data() + entry * picture_bytes);
}

bool SyntheticCamera::capture(std::uint64_t frame, std::int64_t, std::uint8_t* pixels) {
  const unsigned entry = bank_entry(seed_, (frame - 1) / fuse_);
  std::memcpy(pixels, bank_.data() + entry * picture_bytes, picture_bytes);
  return true;
}

}  // namespace loopgate::inspection
