#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <set>

#include "camera/part_painter.h"
#include "protocol/part_truth.h"

namespace loopgate::inspection {
namespace {

using Picture = std::array<std::uint8_t, camera_frame.pixels()>;

Picture painted(std::uint64_t seed, bool good) {
  Picture picture;
  paint_part(seed, good, picture.data());
  return picture;
}

// FNV-1a, 64 bits.
std::uint64_t digest(const Picture& picture) {
  std::uint64_t value = 0xcbf29ce484222325ULL;
  for (const std::uint8_t grey : picture) value = (value ^ grey) * 0x100000001b3ULL;
  return value;
}

struct Difference {
  int pixels = 0;
  int left = camera_frame.width, right = -1, top = camera_frame.height, bottom = -1;
};

Difference between(const Picture& one, const Picture& other) {
  Difference found;
  for (int i = 0; i < camera_frame.pixels(); ++i) {
    if (one[static_cast<std::size_t>(i)] == other[static_cast<std::size_t>(i)]) continue;
    ++found.pixels;
    found.left = std::min(found.left, i % camera_frame.width);
    found.right = std::max(found.right, i % camera_frame.width);
    found.top = std::min(found.top, i / camera_frame.width);
    found.bottom = std::max(found.bottom, i / camera_frame.width);
  }
  return found;
}

// Pinned: the model was trained with these bytes, and the bench counts on them on every architecture.
TEST(PartPainter, PaintsTheBytesThatTheModelWasTrainedWith) {
  EXPECT_EQ(digest(painted(0, true)), 0x6b346f0605a06fe9ULL);
  EXPECT_EQ(digest(painted(0, false)), 0x0344cf86cab8c277ULL);
  EXPECT_EQ(digest(painted(3'000'001, false)), 0x2878d2a8430a6a17ULL);
  EXPECT_EQ(digest(painted(0xffffffffffffffffULL, true)), 0xc18dd8f346210287ULL);
}

TEST(PartPainter, SeedsGiveDifferentPictures) {
  std::set<std::uint64_t> digests;
  for (std::uint64_t seed = 0; seed < 200; ++seed) digests.insert(digest(painted(seed, true)));
  EXPECT_EQ(digests.size(), 200U);
}

TEST(PartPainter, WritesEveryPixelAndNoneBeyond) {
  std::array<std::uint8_t, camera_frame.pixels() + 2> guarded{};
  guarded.front() = guarded.back() = 0xa5;
  paint_part(7, false, &guarded[1]);
  EXPECT_EQ(guarded.front(), 0xa5);
  EXPECT_EQ(guarded.back(), 0xa5);
  EXPECT_TRUE(std::equal(guarded.begin() + 1, guarded.end() - 1, painted(7, false).begin()));
}

// A scratch is at most 48 pixels long and 2.5 wide; its bow may bend it by another 10.
TEST(PartPainter, GoodAndBadDifferInTheScratchAlone) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const Difference scratch = between(painted(seed, true), painted(seed, false));
    EXPECT_GE(scratch.pixels, 15) << seed;
    EXPECT_LE(scratch.pixels, 400) << seed;
    EXPECT_LE(scratch.right - scratch.left, 62) << seed;
    EXPECT_LE(scratch.bottom - scratch.top, 62) << seed;
  }
}

TEST(PartPainter, PicturesAreNeitherBlackNorBurntOut) {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const Picture picture = painted(seed, true);
    const auto burnt = std::count(picture.begin(), picture.end(), 255);
    EXPECT_LT(burnt, camera_frame.pixels() / 4) << seed;
    EXPECT_GT(*std::max_element(picture.begin(), picture.end()), 90) << seed;
  }
}

TEST(PartTruth, IsKnownWhenCompiling) {
  static_assert(bank_entry(1, 0) < bank_size);
  static_assert(part_is_good(1, 5) == entry_is_good(1, bank_entry(1, 5)));
}

TEST(PartTruth, AboutHalfOfTheBankAndOfThePartsAreGood) {
  int good_parts = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    int good_entries = 0;
    for (unsigned entry = 0; entry < bank_size; ++entry) good_entries += entry_is_good(seed, entry) ? 1 : 0;
    EXPECT_GT(good_entries, 40) << seed;  // 4.2 standard deviations below the half
    EXPECT_LT(good_entries, 88) << seed;
    for (std::uint64_t part = 0; part < 100; ++part) good_parts += part_is_good(seed, part) ? 1 : 0;
  }
  EXPECT_NEAR(good_parts, 5000, 300);
}

TEST(PartTruth, EveryEntryOfTheBankIsShown) {
  std::set<unsigned> shown;
  for (std::uint64_t part = 0; part < 2000; ++part) shown.insert(bank_entry(1, part));
  EXPECT_EQ(shown.size(), bank_size);
  EXPECT_LT(*shown.rbegin(), bank_size);
}

TEST(PartTruth, EntriesAndSeedsArePaintedFromDifferentSeeds) {
  std::set<std::uint64_t> seeds;
  for (std::uint64_t seed = 0; seed < 20; ++seed)
    for (unsigned entry = 0; entry < bank_size; ++entry) seeds.insert(entry_seed(seed, entry));
  EXPECT_EQ(seeds.size(), 20U * bank_size);
}

}  // namespace
}  // namespace loopgate::inspection
