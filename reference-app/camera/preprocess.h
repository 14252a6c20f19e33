// From a camera's frame to the int8 tensor that the network takes: the centre square, resized (bilinear), and
// quantised as ONNX's QuantizeLinear does with grey / 255.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "camera/frame.h"

namespace loopgate::inspection {

// All tables are made by the constructor; the calls allocate nothing and may run in several threads.
class Preprocess {
 public:
  // `scale` (above 0) and `zero_point` (-128 to 127) are those of the network's input. `stride` is the bytes
  // from one row of the frame to the next; 0: the frame's width.
  Preprocess(FrameSize frame, FrameSize network, float scale, int zero_point, int stride = 0);

  // `out` is row by row, network.width * network.height values.
  void run(const std::uint8_t* frame, std::int8_t* out) const;

  // The same picture, not quantised: what the network is trained with.
  void resize(const std::uint8_t* frame, std::uint8_t* out) const;

 private:
  // Between which two pixels of a row, or rows of a frame, a value lies, and how near it is to the second.
  struct Tap {
    int first;  // bytes from the frame's begin
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
