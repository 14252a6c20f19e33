// Frames of the camera: 8 bits of grey a pixel, rows one after the other.
#pragma once

namespace loopgate::inspection {

struct FrameSize {
  int width;
  int height;

  constexpr int pixels() const { return width * height; }
};

inline constexpr FrameSize camera_frame{160, 160};

}  // namespace loopgate::inspection
