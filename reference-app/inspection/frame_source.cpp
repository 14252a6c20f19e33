#include "inspection/frame_source.h"

#include <string_view>

#include "inspection/picture_source.h"
#include "inspection/synthetic_camera.h"
#include "inspection/v4l2_camera.h"

namespace loopgate::inspection {

namespace {

template <class Source>
Result<std::unique_ptr<FrameSource>> as_frame_source(Result<Source> source) {
  if (!source) return tl::unexpected(source.error());
  return std::make_unique<Source>(std::move(*source));
}

}  // namespace

Result<std::unique_ptr<FrameSource>> open_camera(const CameraOptions& options) {
  constexpr std::string_view v4l2 = "v4l2:";
  if (options.camera == "synthetic") return std::make_unique<SyntheticCamera>(options.seed, options.fuse);
  if (options.camera.starts_with(v4l2))
    return as_frame_source(V4l2Camera::open(options.camera.substr(v4l2.size()), options.timeout_ms));
  return as_frame_source(PictureSource::open(options.camera, options.fuse, options.channels, options.seed));
}

}  // namespace loopgate::inspection
