// The source of the frames: a camera, or pictures.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "camera/frame.h"
#include "inspection/error.h"

namespace loopgate::inspection {

class FrameSource {
 public:
  virtual ~FrameSource() = default;

  virtual FrameSize size() const = 0;

  // Fills size().bytes() bytes with the frame of part number `frame` (from 1), which arrived at `arrived_ns`
  // (CLOCK_MONOTONIC). Does not allocate. False when there is no frame; problem() then gives the reason.
  virtual bool capture(std::uint64_t frame, std::int64_t arrived_ns, std::uint8_t* pixels) = 0;

  // Bytes that a capture reads and writes, by its sizes.
  virtual std::uint64_t bytes_moved() const { return 2 * static_cast<std::uint64_t>(size().bytes()); }

  // One sentence.
  virtual std::string problem() const = 0;
};

struct CameraOptions {
  std::string camera = "synthetic";  // or v4l2:/dev/videoN, or a folder or an archive of pictures
  std::uint64_t seed = 1;            // of the synthetic camera's parts, or which picture comes first
  std::uint64_t fuse = 1;            // this many frames show one part
  int timeout_ms = 500;              // of a real camera, for a frame
  int channels = 1;                  // 3: pictures in colours; cameras are grey
};

Result<std::unique_ptr<FrameSource>> open_camera(const CameraOptions& options);

}  // namespace loopgate::inspection
