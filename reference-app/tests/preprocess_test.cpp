#include "camera/preprocess.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <vector>

#include "base/split_mix.h"
#include "camera/part_painter.h"
#include "protocol/part_truth.h"

namespace loopgate::inspection {
namespace {

constexpr float scale = 1.0F / 255.0F;
constexpr PictureFormat network{.width = 96, .height = 96, .scale = scale, .zero_point = -128};

std::vector<std::uint8_t> noise(int bytes) {
  std::vector<std::uint8_t> values;
  for (int i = 0; i < bytes; ++i)
    values.push_back(static_cast<std::uint8_t>(split_mix(static_cast<unsigned>(i))));
  return values;
}

// Bilinear, in double, as textbooks have it: the middle of pixel i is at i + 0.5.
struct Reference {
  const std::vector<std::uint8_t>& frame;
  FrameSize size;
  int stride;

  double grey(int x, int y) const {
    const int square = std::min(size.width, size.height);
    const int left = (size.width - square) / 2 + std::clamp(x, 0, square - 1);
    const int top = (size.height - square) / 2 + std::clamp(y, 0, square - 1);
    return frame[static_cast<std::size_t>(top * stride + left)];
  }

  double at(int column, int row, const PictureFormat& out) const {
    const int square = std::min(size.width, size.height);
    const double x = (column + 0.5) * square / out.width - 0.5;
    const double y = (row + 0.5) * square / out.height - 0.5;
    const int left = static_cast<int>(std::floor(x));
    const int top = static_cast<int>(std::floor(y));
    const double above = std::lerp(grey(left, top), grey(left + 1, top), x - left);
    const double below = std::lerp(grey(left, top + 1), grey(left + 1, top + 1), x - left);
    return std::lerp(above, below, y - top);
  }
};

void expect_like_reference(FrameSize size, int stride, const PictureFormat& out) {
  const std::vector<std::uint8_t> frame = noise(stride * size.height);
  std::vector<std::uint8_t> resized(out.pixels());
  Preprocess(size, out, stride).resize(frame.data(), resized.data());
  const Reference reference{frame, size, stride};
  double worst = 0;
  for (int i = 0; i < static_cast<int>(out.pixels()); ++i)
    worst = std::max(worst, std::abs(reference.at(i % out.width, i / out.width, out) -
                                     resized[static_cast<std::size_t>(i)]));
  EXPECT_LE(worst, 0.7) << size.width << "x"
                        << size.height;  // half a step by rounding, the rest by the weights
}

TEST(Preprocess, ResizesAsInDouble) { expect_like_reference(camera_frame, camera_frame.width, network); }

TEST(Preprocess, TakesOtherFrames) {
  expect_like_reference({640, 480}, 640, network);
  expect_like_reference({120, 200}, 120, network);
  expect_like_reference({97, 96}, 97, network);
  expect_like_reference({96, 96}, 96, network);
  expect_like_reference({40, 40}, 40, network);  // enlarged
  expect_like_reference({1, 1}, 1, network);
  expect_like_reference({160, 160}, 160, {.width = 64, .height = 80});
}

TEST(Preprocess, TakesRowsThatAreLongerThanTheFrame) { expect_like_reference(camera_frame, 192, network); }

TEST(Preprocess, SameSizeIsACopy) {
  const std::vector<std::uint8_t> frame = noise(static_cast<int>(network.pixels()));
  std::vector<std::uint8_t> resized(frame.size());
  Preprocess({96, 96}, network).resize(frame.data(), resized.data());
  EXPECT_EQ(resized, frame);
}

TEST(Preprocess, CutsTheMiddleOut) {
  std::vector<std::uint8_t> frame(200 * 96, 9);
  for (std::size_t row = 0; row < 96; ++row)
    std::fill_n(frame.begin() + static_cast<std::ptrdiff_t>(row * 200 + 52), 96, std::uint8_t{100});
  std::vector<std::uint8_t> resized(network.pixels());
  Preprocess({200, 96}, network).resize(frame.data(), resized.data());
  EXPECT_EQ(std::count(resized.begin(), resized.end(), 100), static_cast<std::ptrdiff_t>(network.pixels()));
}

// One frame that holds every grey level once, not resized: the table as it is.
std::vector<int> table(float of_scale, int zero_point) {
  std::vector<std::uint8_t> frame;
  for (int grey = 0; grey < 256; ++grey) frame.push_back(static_cast<std::uint8_t>(grey));
  std::vector<std::int8_t> out(256);
  Preprocess({16, 16}, {.width = 16, .height = 16, .scale = of_scale, .zero_point = zero_point})
      .run(frame.data(), out.data());
  return {out.begin(), out.end()};
}

TEST(Preprocess, QuantisesGreyAsTheNetworkSays) {
  const std::vector<int> levels = table(scale, -128);
  for (int grey = 0; grey < 256; ++grey) EXPECT_EQ(levels[static_cast<std::size_t>(grey)], grey - 128);
  const std::vector<int> coarse = table(2.0F / 255.0F, 0);  // ties go to the even neighbour
  EXPECT_EQ(coarse[1], 0);
  EXPECT_EQ(coarse[3], 2);
  EXPECT_EQ(coarse[5], 2);
  EXPECT_EQ(coarse[255], 127);  // 127.5 -> 128, saturated
}

TEST(Preprocess, SaturatesAtBothEnds) {
  const std::vector<int> high = table(scale / 4, 0);
  EXPECT_EQ(high[31], 124);
  EXPECT_EQ(high[32], 127);
  EXPECT_EQ(high[255], 127);
  EXPECT_EQ(table(scale, 100)[255], 127);
  EXPECT_EQ(table(scale, -128)[0], -128);
  EXPECT_EQ(table(1e-30F, 0)[255], 127);  // far beyond any integer
}

TEST(Preprocess, AGreyFrameGivesThreeEqualChannelsInEitherOrder) {
  const std::vector<std::uint8_t> frame = {0, 51, 102, 255};
  PictureFormat format{.width = 2, .height = 2, .channels = 3, .scale = 1, .zero_point = 0};
  format.normalisation = {{0, 0.2F, 1}, {0.01F, 0.02F, 0.1F}};
  std::vector<std::int8_t> out(12);
  Preprocess({2, 2}, format).run(frame.data(), out.data());
  EXPECT_EQ(out, (std::vector<std::int8_t>{0, -10, -10, 20, 0, -8, 40, 10, -6, 100, 40, 0}));
  format.planes = true;
  Preprocess({2, 2}, format).run(frame.data(), out.data());
  EXPECT_EQ(out, (std::vector<std::int8_t>{0, 20, 40, 100, -10, 0, 10, 40, -10, -8, -6, 0}));
}

TEST(Preprocess, AFrameInColoursKeepsThem) {
  const std::vector<std::uint8_t> frame = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  PictureFormat format{.width = 2, .height = 2, .channels = 3, .scale = scale, .zero_point = 0};
  std::vector<std::int8_t> out(12);
  Preprocess({2, 2, 3}, format).run(frame.data(), out.data());
  EXPECT_EQ(out, (std::vector<std::int8_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}));
  format.planes = true;
  Preprocess({2, 2, 3}, format).run(frame.data(), out.data());
  EXPECT_EQ(out, (std::vector<std::int8_t>{1, 4, 7, 10, 2, 5, 8, 11, 3, 6, 9, 12}));
}

TEST(Preprocess, RunIsResizeAndTable) {
  std::vector<std::uint8_t> frame(static_cast<std::size_t>(camera_frame.pixels()));
  paint_part(1, false, frame.data());
  const Preprocess preprocess(camera_frame, network);
  std::vector<std::uint8_t> resized(network.pixels());
  std::vector<std::int8_t> quantised(resized.size());
  preprocess.resize(frame.data(), resized.data());
  preprocess.run(frame.data(), quantised.data());
  for (std::size_t i = 0; i < resized.size(); ++i) ASSERT_EQ(quantised[i], resized[i] - 128) << i;
}

}  // namespace
}  // namespace loopgate::inspection
