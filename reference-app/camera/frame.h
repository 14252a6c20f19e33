// The camera's frames: 8 bits of grey per pixel, or of red, green and blue, row by row.
#pragma once

namespace loopgate::inspection {

struct FrameSize {
  int width = 0;
  int height = 0;
  int channels = 1;  // 1 or 3

  constexpr int pixels() const { return width * height; }
  constexpr int bytes() const { return width * height * channels; }
};

inline constexpr FrameSize camera_frame{160, 160};

}  // namespace loopgate::inspection
