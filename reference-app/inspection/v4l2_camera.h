// A Video4Linux2 camera: memory-mapped streaming of GREY frames, or of YUYV, from which the luma is used.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "inspection/descriptor.h"
#include "inspection/frame_dates.h"
#include "inspection/frame_source.h"

namespace loopgate::inspection {

class V4l2Camera : public FrameSource {
 public:
  // Requests the size of camera_frame and takes the driver's nearest. Starts streaming.
  static Result<V4l2Camera> open(const std::string& device, int timeout_ms);

  FrameSize size() const override { return size_; }

  // The first frame whose exposure began at or after `arrived_ns`; older ones show what was there before the
  // part arrived. Of a camera whose dates can't be believed: the first that was not ready at once, whose
  // exposure may have begun before. Waits at most `timeout_ms`.
  bool capture(std::uint64_t frame, std::int64_t arrived_ns, std::uint8_t* pixels) override;
  // What stands beside the luma comes with it.
  std::uint64_t bytes_moved() const override {
    return static_cast<std::uint64_t>(size_.pixels()) * (bytes_per_pixel_ + 1);
  }
  std::string problem() const override;

 private:
  enum class Failure { none, silent, refused };

  V4l2Camera(std::string device, int timeout_ms) : device_(std::move(device)), timeout_ms_(timeout_ms) {}

  Status open_device();
  Status choose_format();
  Status map_buffers();
  Status start();

  bool fail_with(Failure failure, int error);
  bool wait(std::int64_t until_ns);
  void copy(std::size_t buffer, std::uint8_t* pixels) const;

  std::string device_;
  int timeout_ms_;
  Descriptor descriptor_;
  FrameSize size_{};
  std::size_t stride_ = 0;           // bytes from one row to the next
  std::size_t bytes_per_pixel_ = 1;  // the luma is the first
  std::vector<Mapping> buffers_;
  Failure failure_ = Failure::none;
  int error_ = 0;
  FrameDates dates_;
  std::int64_t period_ns_ = 0;  // from one frame to the next; 0: not known, and taken for none
};

}  // namespace loopgate::inspection
