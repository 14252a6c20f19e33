#include "inspection/picture.h"

#include <png.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>
#include <string_view>
#include <utility>

#include "inspection/file.h"

namespace loopgate::inspection {

namespace fs = std::filesystem;

namespace {

// A PGM with the longest sides, and its header.
constexpr std::size_t largest_file = std::size_t{longest_side} * longest_side + 1024;

std::string lower_extension(const fs::path& file) {
  std::string extension = file.extension().string();
  std::ranges::transform(extension, extension.begin(),
                         [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return extension;
}

tl::unexpected<Error> refuse(const fs::path& file, const std::string& why) {
  return fail(exit_camera, file.string() + ": " + why);
}

std::optional<std::string> why_not_size(std::uint64_t width, std::uint64_t height) {
  if (width >= 1 && height >= 1 && width <= longest_side && height <= longest_side) return {};
  return std::to_string(width) + "x" + std::to_string(height) + " pixels; a side must have 1 to " +
         std::to_string(longest_side);
}

// Uses libpng's "simplified" interface, which converts between RGB and grey.
class PngReader {
 public:
  explicit PngReader(int channels) : channels_(channels) { image_.version = PNG_IMAGE_VERSION; }
  ~PngReader() { png_image_free(&image_); }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  Result<Picture> read(const fs::path& file, std::string_view bytes) {
    if (png_image_begin_read_from_memory(&image_, bytes.data(), bytes.size()) == 0)
      return refuse(file, std::string("not a complete PNG: ") + image_.message);
    if ((image_.format & PNG_FORMAT_FLAG_LINEAR) != 0) return refuse(file, "16 bits per channel, not 8");
    if ((image_.format & (PNG_FORMAT_FLAG_ALPHA | PNG_FORMAT_FLAG_COLORMAP)) != 0)
      return refuse(file, "transparency or a palette; only grey and RGB are supported");
    if (const auto why = why_not_size(image_.width, image_.height)) return refuse(file, *why);
    image_.format = channels_ == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
    Picture picture{{static_cast<int>(image_.width), static_cast<int>(image_.height), channels_}, {}};
    picture.pixels.resize(PNG_IMAGE_SIZE(image_));
    if (png_image_finish_read(&image_, nullptr, picture.pixels.data(), 0, nullptr) == 0)
      return refuse(file, std::string("not a complete PNG: ") + image_.message);
    return picture;
  }

 private:
  int channels_;
  png_image image_{};
};

// Reads the numbers of a PGM's header, skipping blanks and comments.
class PgmHeader {
 public:
  explicit PgmHeader(std::string_view bytes) : bytes_(bytes) {}

  // 0 when there is none; a number that is too long is cut to one that is refused.
  unsigned number() {
    constexpr unsigned enough = 1'000'000;
    skip_blanks();
    unsigned value = 0;
    while (at_ < bytes_.size() && bytes_[at_] >= '0' && bytes_[at_] <= '9')
      value = std::min(enough, value * 10 + static_cast<unsigned>(bytes_[at_++] - '0'));
    return value;
  }

  // The data after the header, which ends with one blank.
  std::string_view rest() const { return at_ < bytes_.size() ? bytes_.substr(at_ + 1) : std::string_view(); }

 private:
  void skip_blanks() {
    while (at_ < bytes_.size()) {
      if (bytes_[at_] == '#')
        while (at_ < bytes_.size() && bytes_[at_] != '\n') ++at_;
      else if (std::isspace(static_cast<unsigned char>(bytes_[at_])) != 0)
        ++at_;
      else
        return;
    }
  }

  std::string_view bytes_;
  std::size_t at_ = 2;  // after "P5"
};

Result<Picture> read_pgm(const fs::path& file, std::string_view bytes) {
  if (!bytes.starts_with("P5")) return refuse(file, "not a binary PGM (P5)");
  PgmHeader header(bytes);
  const unsigned width = header.number(), height = header.number(), white = header.number();
  if (const auto why = why_not_size(width, height)) return refuse(file, *why);
  if (white != 255) return refuse(file, "its maximum value is " + std::to_string(white) + ", not 255");
  const std::string_view pixels = header.rest();
  const std::size_t wanted = std::size_t{width} * height;
  if (pixels.size() < wanted)
    return refuse(
        file, "ends after " + std::to_string(pixels.size()) + " of " + std::to_string(wanted) + " pixels");
  return Picture{{static_cast<int>(width), static_cast<int>(height)},
                 {pixels.begin(), pixels.begin() + static_cast<std::ptrdiff_t>(wanted)}};
}

void repeat_grey(Picture* picture) {
  std::vector<std::uint8_t> pixels;
  pixels.reserve(3 * picture->pixels.size());
  for (const std::uint8_t grey : picture->pixels) pixels.insert(pixels.end(), 3, grey);
  picture->pixels = std::move(pixels);
  picture->size.channels = 3;
}

}  // namespace

bool is_picture_name(const fs::path& file) {
  const std::string extension = lower_extension(file);
  return extension == ".png" || extension == ".pgm";
}

bool is_name_of_other_picture(const fs::path& file) {
  constexpr std::array<std::string_view, 8> others = {".jpg",  ".jpeg", ".bmp", ".tif",
                                                      ".tiff", ".webp", ".gif", ".ppm"};
  return std::ranges::find(others, lower_extension(file)) != others.end();
}

Result<Picture> decode_picture(const fs::path& name, std::string_view bytes, int channels) {
  if (lower_extension(name) != ".pgm") return PngReader(channels).read(name, bytes);
  Result<Picture> picture = read_pgm(name, bytes);
  if (picture && channels == 3) repeat_grey(&*picture);
  return picture;
}

Result<Picture> read_picture(const fs::path& file, int channels) {
  const Result<std::string> bytes = read_file(file, largest_file, exit_camera);
  if (!bytes) return tl::unexpected(bytes.error());
  return decode_picture(file, *bytes, channels);
}

}  // namespace loopgate::inspection
