// Pictures in files, and folders of them.
#include "inspection/picture.h"

#include <gtest/gtest.h>
#include <png.h>

#include <algorithm>

#include "inspection/picture_source.h"
#include "inspection/v4l2_camera.h"
#include "protocol/clock_pair.h"
#include "protocol/picture_archive.h"
#include "tests/temporary_folder.h"

namespace loopgate::inspection {
namespace {

// A picture whose pixel number i has the value i (each channel), in libpng's format.
std::string png_of(unsigned width, unsigned height, png_uint_32 format) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = width;
  image.height = height;
  image.format = format;
  std::vector<std::uint8_t> pixels(PNG_IMAGE_SIZE(image));
  const std::size_t channel_bytes = PNG_IMAGE_PIXEL_SIZE(format);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(i / channel_bytes);
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::string bytes(size, '\0');
  EXPECT_NE(png_image_write_to_memory(&image, bytes.data(), &size, 0, pixels.data(), 0, nullptr), 0)
      << image.message;
  bytes.resize(size);
  return bytes;
}

std::string pgm_of(unsigned width, unsigned height, char first = 0) {
  std::string bytes = "P5\n# a comment\n" + std::to_string(width) + " " + std::to_string(height) + "\n255\n";
  for (unsigned i = 0; i < width * height; ++i)
    bytes.push_back(static_cast<char>(static_cast<unsigned char>(first) + i));
  return bytes;
}

class Pictures : public testing::Test {
 protected:
  // What is said of a file with these bytes, without its name.
  std::string refusal(const std::string& name, const std::string& bytes) const {
    const std::string file = folder_.write(name, bytes);
    const Result<Picture> picture = read_picture(file);
    if (picture) return "not refused";
    EXPECT_EQ(picture.error().exit_status, exit_camera);
    EXPECT_TRUE(picture.error().what.starts_with(file + ": ")) << picture.error().what;
    return picture.error().what.substr(file.size() + 2);
  }

  std::string folder_refusal() const {
    const Result<PictureSource> source = PictureSource::open(folder_.path(), 1);
    if (source) return "not refused";
    EXPECT_EQ(source.error().exit_status, exit_camera);
    return source.error().what;
  }

  TemporaryFolder folder_;
};

TEST_F(Pictures, GreyAndColouredPngAndPgmHaveTheSamePixels) {
  for (const auto& [name, bytes] :
       {std::pair("grey.png", png_of(16, 4, PNG_FORMAT_GRAY)),
        std::pair("rgb.PNG", png_of(16, 4, PNG_FORMAT_RGB)), std::pair("p.pgm", pgm_of(16, 4))}) {
    const Result<Picture> picture = read_picture(folder_.write(name, bytes));
    ASSERT_TRUE(picture) << picture.error().what;
    EXPECT_EQ(picture->size.width, 16);
    EXPECT_EQ(picture->size.height, 4);
    for (int i = 0; i < 64; ++i) ASSERT_EQ(picture->pixels[static_cast<std::size_t>(i)], i) << name;
  }
}

TEST_F(Pictures, RefusesOtherFormats) {
  EXPECT_EQ(refusal("a.png", png_of(8, 8, PNG_FORMAT_LINEAR_Y)), "16 bits per channel, not 8");
  EXPECT_EQ(refusal("a.png", png_of(8, 8, PNG_FORMAT_GA)),
            "transparency or a palette; only grey and RGB are supported");
  EXPECT_EQ(refusal("a.pgm", "P2\n2 2\n255\n0 1 2 3\n"), "not a binary PGM (P5)");
  EXPECT_EQ(refusal("a.pgm", "P5\n2 2\n65535\n12345678"), "its maximum value is 65535, not 255");
  EXPECT_EQ(refusal("a.pgm", "P5\n0 2\n255\n"), "0x2 pixels; a side must have 1 to 4096");
  EXPECT_EQ(refusal("a.pgm", "P5\n99999 2\n255\n"), "99999x2 pixels; a side must have 1 to 4096");
  EXPECT_EQ(refusal("a.pgm", pgm_of(5000, 1)), "5000x1 pixels; a side must have 1 to 4096");
}

TEST_F(Pictures, RefusesBrokenOnes) {
  const std::string whole = png_of(64, 64, PNG_FORMAT_RGB);
  EXPECT_TRUE(refusal("a.png", whole.substr(0, whole.size() / 2)).starts_with("not a complete PNG: "));
  EXPECT_TRUE(refusal("a.png", "").starts_with("not a complete PNG: "));
  EXPECT_TRUE(refusal("a.png", "not a PNG at all").starts_with("not a complete PNG: "));
  std::string altered = whole;
  altered[whole.size() / 2] = static_cast<char>(altered[whole.size() / 2] ^ 0x10);
  EXPECT_TRUE(refusal("a.png", altered).starts_with("not a complete PNG: "));
  EXPECT_EQ(refusal("a.pgm", pgm_of(16, 4).substr(0, 50)), "ends after 26 of 64 pixels");
  EXPECT_EQ(refusal("a.pgm", "P5"), "0x0 pixels; a side must have 1 to 4096");
  EXPECT_EQ(refusal("a.pgm", "P5 2 2 255"), "ends after 0 of 4 pixels");
}

TEST_F(Pictures, AFolderIsShownInOrderAgainAndAgain) {
  folder_.write("b.pgm", pgm_of(4, 4, 100));
  folder_.write("a.pgm", pgm_of(4, 4, 50));
  folder_.write("c.txt", "no picture");
  Result<PictureSource> source = PictureSource::open(folder_.path(), 2);
  ASSERT_TRUE(source) << source.error().what;
  ASSERT_EQ(source->names().size(), 2U);
  EXPECT_EQ(source->size().width, 4);
  std::string shown;
  std::vector<std::uint8_t> pixels(16);
  for (std::uint64_t frame = 1; frame <= 6; ++frame) {
    ASSERT_TRUE(source->capture(frame, 0, pixels.data()));
    shown += pixels[0] == 50 ? 'a' : pixels[0] == 100 ? 'b' : '?';
  }
  EXPECT_EQ(shown, "aabbaa");
}

// As `loopgate run --images` takes them: a folder in it is a label.
TEST_F(Pictures, TheFoldersOfAFolderAreShownToo) {
  std::filesystem::create_directories(folder_ / "OK/deeper");
  folder_.write("OK/b.pgm", pgm_of(4, 4, 100));
  folder_.write("OK/notes.txt", "no picture");
  folder_.write("Z.PGM", pgm_of(4, 4, 20));
  folder_.write("a.pgm", pgm_of(4, 4, 50));
  Result<PictureSource> source = PictureSource::open(folder_.path(), 1);
  ASSERT_TRUE(source) << source.error().what;
  EXPECT_EQ(source->names(), (std::vector<std::string>{"OK/b.pgm", "Z.PGM", "a.pgm"}));
  const std::string deep = folder_.write("OK/deeper/c.pgm", pgm_of(4, 4));
  EXPECT_EQ(folder_refusal(), deep + ": lies more than one folder below " + folder_.path().string());
}

TEST_F(Pictures, OfOtherKindsAreNotPassedOver) {
  folder_.write("a.pgm", pgm_of(4, 4, 50));
  const std::string other = folder_.write("b.JPG", "a picture");
  EXPECT_EQ(folder_refusal(),
            other + ": pictures must be .png or .pgm: ImageMagick makes one (convert IN.jpg OUT.png)");
}

// As the harness sends them: in the archive's order, which is not that of names, from where the seed says.
TEST_F(Pictures, AnArchiveIsShownInItsOrderFromWhereTheSeedSays) {
  const std::string a = pgm_of(4, 4, 50), b = pgm_of(4, 4, 100), c = png_of(4, 4, PNG_FORMAT_GRAY);
  const std::string file =
      folder_.write("p.tar", write_picture_archive({{"OK/b.pgm", b}, {"a.pgm", a}, {"c.png", c}}));
  Result<PictureSource> source = PictureSource::open(file, 1, 1, 3);
  ASSERT_TRUE(source) << source.error().what;
  EXPECT_EQ(source->names().front(), "OK/b.pgm");
  std::string shown;
  std::vector<std::uint8_t> pixels(16);
  for (std::uint64_t frame = 1; frame <= 4; ++frame) {
    ASSERT_TRUE(source->capture(frame, 0, pixels.data()));
    shown += pixels[0] == 50 ? 'a' : pixels[0] == 100 ? 'b' : 'c';
  }
  EXPECT_EQ(shown, "cbac");
}

TEST_F(Pictures, RefusesAnArchiveWithAnythingElse) {
  const std::string other =
      folder_.write("o.tar", write_picture_archive({{"a.pgm", pgm_of(4, 4)}, {"notes.txt", "no picture"}}));
  EXPECT_EQ(PictureSource::open(other, 1).error().what, other + ": notes.txt is no .png or .pgm");
  const std::string none = folder_.write("n.tar", write_picture_archive({}));
  EXPECT_EQ(PictureSource::open(none, 1).error().what, none + ": no pictures");
}

TEST_F(Pictures, RefusesFoldersThatAreNone) {
  EXPECT_EQ(folder_refusal(), folder_.path().string() + ": no pictures (.png, .pgm)");
  const std::string missing = folder_ / "missing";
  EXPECT_EQ(PictureSource::open(missing, 1).error().what,
            missing + ": no such folder, nor an archive of pictures");
  const std::string file = folder_.write("file", "");
  EXPECT_EQ(PictureSource::open(file, 1).error().what, file + " is cut off: it has no end of an archive");
}

TEST_F(Pictures, RefusesPicturesOfAnotherSize) {
  folder_.write("a.pgm", pgm_of(4, 4));
  folder_.write("b.png", png_of(5, 4, PNG_FORMAT_GRAY));
  EXPECT_EQ(folder_refusal(), "b.png: 5x4 pixels, but a.pgm has 4x4; all pictures must have the same size");
}

TEST(V4l2Camera, RefusesWhatIsNoCamera) {
  EXPECT_EQ(V4l2Camera::open("/dev/missing", 100).error().what,
            "camera /dev/missing cannot be opened: No such file or directory");
  EXPECT_EQ(V4l2Camera::open("/dev/null", 100).error().what, "/dev/null: not a V4L2 camera");
  EXPECT_EQ(V4l2Camera::open("/dev/null", 100).error().exit_status, exit_camera);
}

// modprobe vivid makes one.
TEST(V4l2Camera, ARealOneGivesFramesOfAfterTheArrival) {
  if (!std::filesystem::exists("/dev/video0"))
    GTEST_SKIP() << "there is no /dev/video0 (modprobe vivid makes one)";
  Result<V4l2Camera> camera = V4l2Camera::open("/dev/video0", 2000);
  ASSERT_TRUE(camera) << camera.error().what;
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(camera->size().pixels()));
  for (std::uint64_t frame = 1; frame <= 5; ++frame)
    ASSERT_TRUE(camera->capture(frame, now_ns(), pixels.data())) << camera->problem();
  EXPECT_NE(*std::ranges::max_element(pixels), *std::ranges::min_element(pixels)) << "a frame of one colour";
}

TEST(V4l2Camera, OneThatStopsIsWaitedForNoLongerThanSaid) {
  if (!std::filesystem::exists("/dev/video0"))
    GTEST_SKIP() << "there is no /dev/video0 (modprobe vivid makes one)";
  Result<V4l2Camera> camera = V4l2Camera::open("/dev/video0", 100);
  ASSERT_TRUE(camera) << camera.error().what;
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(camera->size().pixels()));
  const std::int64_t begin = now_ns();
  EXPECT_FALSE(camera->capture(1, begin + 3'600'000'000'000, pixels.data())) << "a frame of the next hour";
  EXPECT_LT(now_ns() - begin, 1'000'000'000);
  EXPECT_EQ(camera->problem(), "camera /dev/video0 gave no frame within 100 ms");
}

}  // namespace
}  // namespace loopgate::inspection
