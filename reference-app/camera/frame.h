// The camera's frames: 8 bits of grey per pixel, row by row.
#pragma once

namespace loopgate::inspection {

struct FrameSize {
  int width;
  int height;

  constexpr int pixels() const { return width * height; }
};

inline constexpr FrameSize camera_frame{160, 160};

}  // namespace loopgate::inspection
