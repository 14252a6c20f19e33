// Serves the pictures of a folder as frames, in the order of their names, in a cycle.
#pragma once

#include <filesystem>
#include <vector>

#include "inspection/frame_source.h"

namespace loopgate::inspection {

class FolderSource : public FrameSource {
 public:
  // Reads all pictures, which must have the same size, in 1 or 3 channels. Ignores other files.
  static Result<FolderSource> open(const std::filesystem::path& folder, std::uint64_t fuse, int channels = 1);

  FrameSize size() const override { return size_; }
  bool capture(std::uint64_t frame, std::int64_t arrived_ns, std::uint8_t* pixels) override;
  std::string problem() const override { return "the folder has no frame"; }

  const std::vector<std::filesystem::path>& files() const { return files_; }

 private:
  FolderSource(std::vector<std::filesystem::path> files, std::uint64_t fuse, int channels)
      : files_(std::move(files)), fuse_(fuse), channels_(channels) {}

  Status add(const std::filesystem::path& file);

  std::vector<std::filesystem::path> files_;
  std::uint64_t fuse_;
  int channels_;
  FrameSize size_{};
  std::vector<std::vector<std::uint8_t>> pictures_;
};

}  // namespace loopgate::inspection
