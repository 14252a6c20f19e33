// Serves pictures as frames, over and over: those of a folder, and of the folders in it, in the order of
// their names, or those of an archive in its order.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "inspection/frame_source.h"
#include "inspection/picture.h"

namespace loopgate::inspection {

class PictureSource : public FrameSource {
 public:
  // Reads all pictures, which must have the same size, in 1 or 3 channels. Of a folder it reads the folders
  // in it, too, and ignores files that are no pictures, but refuses pictures that it cannot read, or that lie
  // deeper: what is taken is what `loopgate run --images` takes. An archive (protocol/picture_archive.h) has
  // no others. The seed says which comes first (protocol/part_truth.h): 1 begins with the first.
  static Result<PictureSource> open(const std::filesystem::path& place, std::uint64_t fuse, int channels = 1,
                                    std::uint64_t seed = 1);

  FrameSize size() const override { return size_; }
  bool capture(std::uint64_t frame, std::int64_t arrived_ns, std::uint8_t* pixels) override;
  std::string problem() const override { return "there is no picture"; }

  const std::vector<std::string>& names() const { return names_; }

 private:
  PictureSource(std::uint64_t fuse, int channels, std::uint64_t seed)
      : fuse_(fuse), channels_(channels), seed_(seed) {}

  Status add_folder(const std::filesystem::path& folder);
  Status add_archive(const std::filesystem::path& archive);
  Status add(const std::string& name, Result<Picture> picture);

  std::uint64_t fuse_;
  int channels_;
  std::uint64_t seed_;
  FrameSize size_{};
  std::vector<std::string> names_;
  std::vector<std::vector<std::uint8_t>> pictures_;
};

}  // namespace loopgate::inspection
