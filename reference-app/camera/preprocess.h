// Converts a camera frame to the network's int8 tensor: takes the centre square, resizes it (bilinear), and
// quantises grey / 255 as ONNX's QuantizeLinear does.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "camera/frame.h"

namespace loopgate::inspection {

// The constructor builds all tables; the calls do not allocate and may run in several threads.
class Preprocess {
 public:
  // `scale` (above 0) and `zero_point` (-128 to 127) are those of the network's input. `stride` is the bytes
  // from one row of the frame to the next; 0: the frame's width.
  Preprocess(FrameSize frame, FrameSize network, float scale, int zero_point, int stride = 0);

  // `out` is row by row, network.width * network.height values.
  void run(const std::uint8_t* frame, std::int8_t* out) const;

  // The same picture, not quantised: the network's training data.
  void resize(const std::uint8_t* frame, std::uint8_t* out) const;

 private:
  // The two pixels of a row, or rows of a frame, that a value lies between, and the weight of the second.
  struct Tap {
    int first;  // bytes from the start of the frame
    int second;
    int weight;  // of `second`, in 1 / 2048
  };

  static std::vector<Tap> taps(int frame_length, int square, int network_length, int step);

  template <class Value, class Store>
  void each(const std::uint8_t* frame, Value* out, Store store) const;

  std::vector<Tap> columns_;
  std::vector<Tap> rows_;
  std::array<std::int8_t, 256> quantised_;
};

}  // namespace loopgate::inspection
