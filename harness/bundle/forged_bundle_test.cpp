// Whatever is done to a bundle on its way is refused by name.
#include <gmock/gmock.h>

#include <algorithm>

#include "base/digest.h"
#include "base/json.h"
#include "bundle/testing/bundle_files.h"
#include "bundle/testing/packed_bundle.h"

namespace loopgate::forged_bundle_test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using testing::Bundle;
using testing::BundleFiles;
using testing::files_of;
using ::testing::HasSubstr;
using testing::read_text;
using testing::resealed;
using testing::tar_of;
using testing::write_text;

TEST_F(Bundle, AThousandChangedBytesAreRefusedEach) {
  testing::expect_no_byte_is_changeable(bytes_, [&](const std::string& bytes) { return said(bytes); });
}

TEST_F(Bundle, CutOrLongerIsRefused) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{511}, std::size_t{512},
                                 bytes_.size() / 2, bytes_.size() - 1})
    EXPECT_NE(said(bytes_.substr(0, size)), "verified") << size;
  EXPECT_THAT(said(bytes_ + '\0'), HasSubstr("and what its manifest tells of has"));
}

TEST_F(Bundle, AnEntryRemovedAddedOrSwappedIsRefused) {
  testing::expect_no_entry_is_movable(bytes_, "run/more",
                                      [&](const std::string& bytes) { return said(bytes); });
}

// The manifest fits again, and what remains is what the files say of each other.
TEST_F(Bundle, ForgedAndSealedAnewItIsRefusedByWhatTheSamplesSay) {
  const BundleFiles files = files_of(bytes_);
  EXPECT_EQ(said(resealed(files)), "verified");
  for (std::size_t i = 1; i < files.size(); ++i) {
    const std::string& path = files[i].first;
    BundleFiles less = files;
    less.erase(less.begin() + static_cast<std::ptrdiff_t>(i));
    const bool raw = path.ends_with(".json") || path.ends_with(".lgs") || path.ends_with(".toml");
    if (raw) {
      EXPECT_NE(said(resealed(less)), "verified") << path;
    }
    if (!path.ends_with("samples.lgs")) continue;
    BundleFiles altered = files;
    altered[i].second.back() ^= 1;
    EXPECT_THAT(said(resealed(altered)), HasSubstr("verdict.json differs at /")) << path;
  }
}

TEST_F(Bundle, ASofterPolicyOrAnotherVerdictIsSeen) {
  BundleFiles files = files_of(bytes_);
  for (auto& [path, text] : files)
    if (path == "policy.toml") text.replace(text.find("max_us = 30"), 11, "max_us = 99");
  EXPECT_THAT(said(resealed(files)), HasSubstr("verdict.json differs at /"));
  files = files_of(bytes_);
  for (auto& [path, text] : files)
    if (path == "verdict.json") text.replace(text.find("PASS"), 4, "FAIL");
  EXPECT_THAT(said(resealed(files)),
              AllOf(HasSubstr("\"FAIL\""), HasSubstr("and the raw samples give \"PASS\"")));
}

TEST_F(Bundle, WhatIsNoPartOfOneIsRefused) {
  BundleFiles files = files_of(bytes_);
  files.insert(files.begin() + 1, {"install.sh", "rm -rf /"});
  EXPECT_THAT(said(resealed(files)), HasSubstr("has install.sh, which is no part of a bundle"));
}

TEST_F(Bundle, WhatIsDerivedStaysOutAndIsRefused) {
  fs::remove(bundle());
  write_text(run() / "comparison.json", "{}");
  write_text(run() / "cells" / "rt.mixed" / "summary.json", "{}");
  ASSERT_TRUE(pack(request()));
  EXPECT_EQ(read_text(bundle()), bytes_);
  BundleFiles files = files_of(bytes_);
  files.emplace_back("run/comparison.json", "{}");
  EXPECT_NE(said(tar_of(files)), "verified");
  std::sort(files.begin() + 1, files.end());
  EXPECT_THAT(said(resealed(files)), HasSubstr("has run/comparison.json, which is no part of a bundle"));
}

TEST_F(Bundle, APathThatLeadsElsewhereIsRefused) {
  for (const char* path : {"../x", "run/../../x", "/tmp/x", "run//x", "run/./x", "run/x/", "run/a\\b",
                           "run/a b", "manifest.json"}) {
    BundleFiles files = files_of(bytes_);
    files.emplace_back(path, "x");
    EXPECT_NE(said(resealed(files)), "verified") << path;
    EXPECT_FALSE(fs::exists(at("x"))) << path;
  }
}

TEST_F(Bundle, WhatClaimsToBeLargeTakesNoRoom) {
  Manifest manifest{"0", "", {{"run/run.json", {largest_tar_file, std::string(64, '0')}}}};
  EXPECT_THAT(said(tar_of({{"manifest.json", to_text(manifest)}})),
              HasSubstr("and what its manifest tells of has"));
  EXPECT_THAT(said(*ustar_header("manifest.json", largest_tar_file)), HasSubstr("is no bundle"));
}

TEST_F(Bundle, OfALaterFormatSaysSo) {
  BundleFiles files = files_of(bytes_);
  auto object = parse_json(files[0].second);
  object.erase("seal");
  object["format"] = bundle_format + 1;
  const std::string seal = sha256_of(object.dump());
  object["seal"] = seal;
  files[0].second = object.dump() + "\n";
  EXPECT_THAT(said(tar_of(files)), HasSubstr("is of format 2, and this loopgate reads 1"));
}

}  // namespace
}  // namespace loopgate::forged_bundle_test
