// The camera of the virtual bench: paints its parts before the loop; a capture copies one, as a camera's DMA
// would.
#pragma once

#include <vector>

#include "inspection/frame_source.h"

namespace loopgate::inspection {

class SyntheticCamera : public FrameSource {
 public:
  // `fuse` frames in a row show the same part.
  SyntheticCamera(std::uint64_t seed, std::uint64_t fuse);

  FrameSize size() const override { return camera_frame; }
  bool capture(std::uint64_t frame, std::int64_t arrived_ns, std::uint8_t* pixels) override;
  std::string problem() const override { return "the synthetic camera has no frame"; }

 private:
  std::uint64_t seed_;
  std::uint64_t fuse_;
  std::vector<std::uint8_t> bank_;  // one picture after the other
};

}  // namespace loopgate::inspection
