// How a network wants its picture.
#pragma once

#include <array>
#include <cstddef>

namespace loopgate::inspection {

// A pixel's value is (byte / 255 - mean) / deviation, for each channel. 0 and 1: black is 0, white is 1.
struct Normalisation {
  std::array<float, 3> mean{0, 0, 0};
  std::array<float, 3> deviation{1, 1, 1};
};

struct PictureFormat {
  int width = 0;
  int height = 0;
  int channels = 1;     // 1: grey; 3: red, green, blue
  bool planes = false;  // a whole plane of each channel; otherwise a pixel's channels stand side by side
  float scale = 1;      // above 0; value = (int8 - zero_point) * scale
  int zero_point = 0;
  Normalisation normalisation = {};

  constexpr std::size_t pixels() const {
    return static_cast<std::size_t>(width) * static_cast<std::size_t>(height);
  }
  constexpr std::size_t size() const { return pixels() * static_cast<std::size_t>(channels); }
};

}  // namespace loopgate::inspection
