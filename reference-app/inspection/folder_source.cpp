#include "inspection/folder_source.h"

#include <algorithm>
#include <cstring>
#include <system_error>

#include "inspection/picture.h"

namespace loopgate::inspection {

namespace fs = std::filesystem;

namespace {

Result<std::vector<fs::path>> picture_files(const fs::path& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) return fail(exit_camera, folder.string() + ": no such folder");
  std::vector<fs::path> files;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
    if (is_picture_name(entry->path())) files.push_back(entry->path());
  if (error) return fail(exit_camera, folder.string() + ": cannot be read: " + error.message());
  if (files.empty()) return fail(exit_camera, folder.string() + ": no pictures (.png, .pgm)");
  std::ranges::sort(files);
  return files;
}

std::string text_of(FrameSize size) { return std::to_string(size.width) + "x" + std::to_string(size.height); }

}  // namespace

Result<FolderSource> FolderSource::open(const fs::path& folder, std::uint64_t fuse, int channels) {
  Result<std::vector<fs::path>> files = picture_files(folder);
  if (!files) return tl::unexpected(files.error());
  FolderSource source(std::move(*files), fuse, channels);
  for (const fs::path& file : source.files_)
    if (Status added = source.add(file); !added) return tl::unexpected(added.error());
  return source;
}

Status FolderSource::add(const fs::path& file) {
  Result<Picture> picture = read_picture(file, channels_);
  if (!picture) return tl::unexpected(picture.error());
  if (pictures_.empty()) size_ = picture->size;
  if (picture->size.width != size_.width || picture->size.height != size_.height)
    return fail(exit_camera, file.string() + ": " + text_of(picture->size) + " pixels, but " +
                                 files_[0].filename().string() + " has " + text_of(size_) +
                                 "; all pictures of a folder must have the same size");
  pictures_.push_back(std::move(picture->pixels));
  return {};
}

bool FolderSource::capture(std::uint64_t frame, std::int64_t, std::uint8_t* pixels) {
  const std::vector<std::uint8_t>& picture = pictures_[(frame - 1) / fuse_ % pictures_.size()];
  std::memcpy(pixels, picture.data(), picture.size());
  return true;
}

}  // namespace loopgate::inspection
