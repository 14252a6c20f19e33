// Converts a camera frame to the network's int8 tensor: takes the centre square, resizes it (bilinear),
// normalises it, and quantises as ONNX's QuantizeLinear does. A grey frame gives three equal channels.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "camera/frame.h"
#include "camera/picture_format.h"

namespace loopgate::inspection {

// The constructor builds all tables; the calls do not allocate and may run in several threads.
class Preprocess {
 public:
  // A frame in colours is for networks in colours. `stride` is the bytes from one row of the frame to the
  // next; 0: as many as a row has.
  Preprocess(FrameSize frame, const PictureFormat& network, int stride = 0);

  // `out` has the network's PictureFormat::size() values.
  void run(const std::uint8_t* frame, std::int8_t* out) const;

  // Bytes that run() reads and writes, by its sizes: each pixel that it looks at once.
  std::uint64_t bytes_moved() const;

  // The same picture of a grey frame, one channel, not quantised: the network's training data.
  void resize(const std::uint8_t* frame, std::uint8_t* out) const;

 private:
  // The two pixels of a row, or rows of a frame, that a value lies between, and the weight of the second.
  struct Tap {
    int first;  // bytes from the start of the frame
    int second;
    int weight;  // of `second`, in 1 / 2048
  };
  using Table = std::array<std::int8_t, 256>;

  static std::vector<Tap> taps(int frame_length, int square, int network_length, int step);

  // Calls `store` with each value of the frame's channel, row by row.
  template <class Store>
  void each(const std::uint8_t* frame, Store store) const;

  void run_grey_in_colours(const std::uint8_t* frame, std::int8_t* out) const;
  void run_colours(const std::uint8_t* frame, std::int8_t* out) const;

  std::vector<Tap> columns_;
  std::vector<Tap> rows_;
  std::array<Table, 3> quantised_{};  // of each channel
  int frame_channels_;
  int channels_;
  // From a value of a channel to the next one's, and to the next channel's.
  std::size_t value_step_;
  std::size_t channel_step_;
};

}  // namespace loopgate::inspection
