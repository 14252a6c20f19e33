#include "inspection/picture_source.h"

#include <algorithm>
#include <cstring>
#include <system_error>

#include "inspection/file.h"
#include "protocol/channel.h"
#include "protocol/part_truth.h"
#include "protocol/picture_archive.h"

namespace loopgate::inspection {

namespace fs = std::filesystem;

namespace {

// The names of pictures below the folder, sorted.
Result<std::vector<std::string>> picture_names(const fs::path& folder) {
  std::error_code error;
  std::vector<std::string> names;
  for (fs::recursive_directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    const fs::path& file = entry->path();
    if (entry->is_directory(error)) continue;
    if (is_name_of_other_picture(file))
      return fail(
          exit_camera,
          file.string() + ": pictures must be .png or .pgm: ImageMagick makes one (convert IN.jpg OUT.png)");
    if (!is_picture_name(file)) continue;
    if (entry.depth() > 1)
      return fail(exit_camera, file.string() + ": lies more than one folder below " + folder.string());
    names.push_back(file.lexically_relative(folder).generic_string());
  }
  if (error) return fail(exit_camera, folder.string() + ": cannot be read: " + error.message());
  if (names.empty()) return fail(exit_camera, folder.string() + ": no pictures (.png, .pgm)");
  std::ranges::sort(names);
  return names;
}

std::string text_of(FrameSize size) { return std::to_string(size.width) + "x" + std::to_string(size.height); }

}  // namespace

Result<PictureSource> PictureSource::open(const fs::path& place, std::uint64_t fuse, int channels,
                                          std::uint64_t seed) {
  std::error_code error;
  PictureSource source(fuse, channels, seed);
  const bool is_folder = fs::is_directory(place, error);
  if (!is_folder && !fs::is_regular_file(place, error))
    return fail(exit_camera, place.string() + ": no such folder, nor an archive of pictures");
  if (Status added = is_folder ? source.add_folder(place) : source.add_archive(place); !added)
    return tl::unexpected(added.error());
  return source;
}

Status PictureSource::add_folder(const fs::path& folder) {
  Result<std::vector<std::string>> names = picture_names(folder);
  if (!names) return tl::unexpected(names.error());
  for (const std::string& name : *names)
    if (Status added = add(name, read_picture(folder / name, channels_)); !added) return added;
  return {};
}

Status PictureSource::add_archive(const fs::path& archive) {
  const Result<std::string> bytes = read_file(archive, payload_files_size_max, exit_camera);
  if (!bytes) return tl::unexpected(bytes.error());
  const auto files = read_picture_archive(*bytes);
  if (!files) return fail(exit_camera, archive.string() + " " + files.error());
  if (files->empty()) return fail(exit_camera, archive.string() + ": no pictures");
  for (const ArchivedFile& file : *files) {
    // Passed over, it would move all after it, and their truth with them.
    if (!is_picture_name(file.name))
      return fail(exit_camera, archive.string() + ": " + file.name + " is no .png or .pgm");
    if (Status added = add(file.name, decode_picture(file.name, file.bytes, channels_)); !added) return added;
  }
  return {};
}

Status PictureSource::add(const std::string& name, Result<Picture> picture) {
  if (!picture) return tl::unexpected(picture.error());
  if (pictures_.empty()) size_ = picture->size;
  if (picture->size.width != size_.width || picture->size.height != size_.height)
    return fail(exit_camera, name + ": " + text_of(picture->size) + " pixels, but " + names_[0] + " has " +
                                 text_of(size_) + "; all pictures must have the same size");
  names_.push_back(name);
  pictures_.push_back(std::move(picture->pixels));
  return {};
}

bool PictureSource::capture(std::uint64_t frame, std::int64_t, std::uint8_t* pixels) {
  const auto& picture =
      pictures_[static_cast<std::size_t>(picture_shown(seed_, (frame - 1) / fuse_, pictures_.size()))];
  std::memcpy(pixels, picture.data(), picture.size());
  return true;
}

}  // namespace loopgate::inspection
