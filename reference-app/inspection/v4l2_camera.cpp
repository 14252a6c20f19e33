#include "inspection/v4l2_camera.h"

#include <fcntl.h>
#include <linux/videodev2.h>
#include <poll.h>
#include <sys/ioctl.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "protocol/clock_pair.h"

namespace loopgate::inspection {

namespace {

// One being filled, one waiting, one being copied, and one for a late loop.
constexpr unsigned buffers_wanted = 4;

struct Format {
  std::uint32_t code;
  std::size_t bytes_per_pixel;
};
constexpr std::array<Format, 2> formats = {{{V4L2_PIX_FMT_GREY, 1}, {V4L2_PIX_FMT_YUYV, 2}}};

// Interrupted calls are repeated: a signal ends the loop when it waits for a part, not when it waits for a
// frame.
int ask(const Descriptor& device, unsigned long request, void* argument) {
  int result = 0;
  do result = ::ioctl(device.get(), request, argument);
  while (result != 0 && errno == EINTR);
  return result;
}

v4l2_buffer buffer_of(std::size_t index) {
  v4l2_buffer buffer{};
  buffer.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  buffer.memory = V4L2_MEMORY_MMAP;
  buffer.index = static_cast<std::uint32_t>(index);
  return buffer;
}

bool tells_time(const v4l2_buffer& buffer) {
  return (buffer.flags & V4L2_BUF_FLAG_TIMESTAMP_MASK) == V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC;
}

std::optional<std::int64_t> date_of(const v4l2_buffer& buffer) {
  if (!tells_time(buffer)) return std::nullopt;
  return std::int64_t{buffer.timestamp.tv_sec} * 1'000'000'000 +
         std::int64_t{buffer.timestamp.tv_usec} * 1000;
}

// Most drivers date the end of a frame, whose exposure began within its period.
std::int64_t exposing_before_date(const v4l2_buffer& buffer, std::int64_t period_ns) {
  return (buffer.flags & V4L2_BUF_FLAG_TSTAMP_SRC_MASK) == V4L2_BUF_FLAG_TSTAMP_SRC_SOE ? 0 : period_ns;
}

// 0: the driver does not tell.
std::int64_t period_of(const Descriptor& device) {
  v4l2_streamparm parameters{};
  parameters.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  if (ask(device, VIDIOC_G_PARM, &parameters) != 0) return 0;
  const v4l2_fract& period = parameters.parm.capture.timeperframe;
  if (period.numerator == 0 || period.denominator == 0) return 0;
  return std::int64_t{period.numerator} * 1'000'000'000 / period.denominator;
}

}  // namespace

Result<V4l2Camera> V4l2Camera::open(const std::string& device, int timeout_ms) {
  V4l2Camera camera(device, timeout_ms);
  Status opened = camera.open_device();
  if (opened) opened = camera.choose_format();
  if (opened) opened = camera.map_buffers();
  if (opened) opened = camera.start();
  if (!opened) return tl::unexpected(opened.error());
  return camera;
}

Status V4l2Camera::open_device() {
  descriptor_ = Descriptor(::open(device_.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (!descriptor_.is_open())
    return fail(exit_camera, "camera " + device_ + " cannot be opened: " + std::strerror(errno));
  v4l2_capability about{};
  if (ask(descriptor_, VIDIOC_QUERYCAP, &about) != 0)
    return fail(exit_camera, device_ + ": not a V4L2 camera");
  constexpr std::uint32_t wanted = V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING;
  const std::uint32_t can =
      (about.capabilities & V4L2_CAP_DEVICE_CAPS) != 0 ? about.device_caps : about.capabilities;
  if ((can & wanted) != wanted) return fail(exit_camera, device_ + ": cannot stream captured video");
  return {};
}

Status V4l2Camera::choose_format() {
  for (const Format& wanted : formats) {
    v4l2_format format{};
    format.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    format.fmt.pix.width = camera_frame.width;
    format.fmt.pix.height = camera_frame.height;
    format.fmt.pix.pixelformat = wanted.code;
    format.fmt.pix.field = V4L2_FIELD_NONE;
    // A driver answers with the nearest format that it supports.
    if (ask(descriptor_, VIDIOC_S_FMT, &format) != 0 || format.fmt.pix.pixelformat != wanted.code) continue;
    size_ = {static_cast<int>(format.fmt.pix.width), static_cast<int>(format.fmt.pix.height)};
    bytes_per_pixel_ = wanted.bytes_per_pixel;
    const std::size_t row = format.fmt.pix.width * bytes_per_pixel_;
    stride_ = std::max<std::size_t>(format.fmt.pix.bytesperline, row);
    return {};
  }
  return fail(exit_camera, "camera " + device_ + ": supports neither GREY nor YUYV");
}

Status V4l2Camera::map_buffers() {
  v4l2_requestbuffers request{};
  request.count = buffers_wanted;
  request.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  request.memory = V4L2_MEMORY_MMAP;
  if (ask(descriptor_, VIDIOC_REQBUFS, &request) != 0 || request.count < 2)
    return fail(exit_camera, "camera " + device_ + " gives no buffers: " + std::strerror(errno));
  for (std::size_t i = 0; i < request.count; ++i) {
    v4l2_buffer buffer = buffer_of(i);
    if (ask(descriptor_, VIDIOC_QUERYBUF, &buffer) != 0)
      return fail(exit_camera,
                  "camera " + device_ + " does not describe its buffers: " + std::strerror(errno));
    Mapping mapping(::mmap(nullptr, buffer.length, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_.get(),
                           buffer.m.offset),
                    buffer.length);
    if (!mapping.is_there())
      return fail(exit_camera, "camera " + device_ + ": a buffer can't be mapped: " + std::strerror(errno));
    if (mapping.size() < stride_ * static_cast<std::size_t>(size_.height))
      return fail(exit_camera, "camera " + device_ + ": its buffers are smaller than its frames");
    buffers_.push_back(std::move(mapping));
  }
  return {};
}

Status V4l2Camera::start() {
  for (std::size_t i = 0; i < buffers_.size(); ++i) {
    v4l2_buffer buffer = buffer_of(i);
    if (ask(descriptor_, VIDIOC_QBUF, &buffer) != 0)
      return fail(exit_camera, "camera " + device_ + " does not take its buffers: " + std::strerror(errno));
  }
  int type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  if (ask(descriptor_, VIDIOC_STREAMON, &type) != 0)
    return fail(exit_camera, "camera " + device_ + " does not stream: " + std::strerror(errno));
  period_ns_ = period_of(descriptor_);
  return {};
}

bool V4l2Camera::fail_with(Failure failure, int error) {
  failure_ = failure;
  error_ = error;
  return false;
}

bool V4l2Camera::wait(std::int64_t until_ns) {
  pollfd one{descriptor_.get(), POLLIN, 0};
  for (;;) {
    const std::int64_t left_ms = (until_ns - now_ns()) / 1'000'000;
    if (left_ms <= 0) return fail_with(Failure::silent, 0);
    const int ready = ::poll(&one, 1, static_cast<int>(left_ms));
    if (ready < 0 && errno != EINTR) return fail_with(Failure::refused, errno);
    if (ready > 0 && (one.revents & POLLIN) != 0) return true;
    if (ready > 0) return fail_with(Failure::refused, ENODEV);
  }
}

void V4l2Camera::copy(std::size_t buffer, std::uint8_t* pixels) const {
  const auto width = static_cast<std::size_t>(size_.width), height = static_cast<std::size_t>(size_.height);
  for (std::size_t y = 0; y < height; ++y) {
    const unsigned char* row = buffers_[buffer].bytes() + y * stride_;
    for (std::size_t x = 0; x < width; ++x) pixels[y * width + x] = row[x * bytes_per_pixel_];
  }
}

bool V4l2Camera::capture(std::uint64_t, std::int64_t arrived_ns, std::uint8_t* pixels) {
  const std::int64_t until_ns = now_ns() + std::int64_t{timeout_ms_} * 1'000'000;
  bool waited = false;
  for (;;) {
    v4l2_buffer buffer = buffer_of(0);
    if (ask(descriptor_, VIDIOC_DQBUF, &buffer) != 0) {
      if (errno != EAGAIN) return fail_with(Failure::refused, errno);
      if (!wait(until_ns)) return false;
      waited = true;
      continue;
    }
    const bool broken = (buffer.flags & V4L2_BUF_FLAG_ERROR) != 0;
    const bool old = dates_.is_old(date_of(buffer), exposing_before_date(buffer, period_ns_), now_ns(),
                                   arrived_ns, waited);
    const bool good = !broken && !old && buffer.index < buffers_.size();
    if (good) copy(buffer.index, pixels);
    if (ask(descriptor_, VIDIOC_QBUF, &buffer) != 0) return fail_with(Failure::refused, errno);
    if (good) return true;
    if (now_ns() > until_ns) return fail_with(Failure::silent, 0);
  }
}

std::string V4l2Camera::problem() const {
  if (failure_ == Failure::silent)
    return "camera " + device_ + " gave no frame within " + std::to_string(timeout_ms_) + " ms";
  return "camera " + device_ + " failed: " + std::strerror(error_);
}

}  // namespace loopgate::inspection
