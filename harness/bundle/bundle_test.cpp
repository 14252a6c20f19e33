// A bundle is packed, handed over and judged again; whatever is done to it on the way is refused by name.
#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <random>

#include "base/digest.h"
#include "base/json.h"
#include "bundle/new_file.h"
#include "bundle/testing/bundle_files.h"
#include "bundle/verify.h"
#include "gate/testing/made_up_run.h"
#include "record/seal.h"
#include "record/testing/recorded_run.h"

namespace loopgate::bundle_test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::read_text;
using testing::RecordedRun;
using testing::write_run;
using testing::write_text;

using Files = testing::BundleFiles;
using testing::files_of;
using testing::resealed;
using testing::tar_of;

class Bundle : public ::testing::Test {
 protected:
  void SetUp() override {
    run_.cells = {{"rt", "mixed", {20'000, 30'000}}, {"generic", "mixed", {20'000, 29'000}}};
    write_run(run(), run_);
    write_policy(30);
    fs::create_directory(scratch());
    const auto packed = pack(request());
    ASSERT_TRUE(packed) << to_text(packed.error());
    EXPECT_EQ(packed->verdict.verdict, VerdictKind::pass);
    bytes_ = read_text(bundle());
  }
  void write_policy(int max_us) const {
    write_text(policy(), std::string(testing::policy_head) + "[[budget]]\nkernel = \"*\"\nload = \"*\"\n" +
                             "max_us = " + std::to_string(max_us) + "\n");
  }
  fs::path at(const char* name) const { return folder_.path() / name; }
  fs::path run() const { return at("run-of-today"); }
  fs::path policy() const { return at("release.toml"); }
  fs::path bundle() const { return at("a.lgb"); }
  fs::path scratch() const { return at("scratch"); }
  PackRequest request() const { return {run(), policy(), bundle(), {"0", "abc"}}; }

  // "verified", or why not.
  std::string said(const std::string& bytes) const {
    fs::remove(at("b.lgb"));  // writing over it, ext4 would wait for the disk: 15 ms each
    write_text(at("b.lgb"), bytes);
    const auto verified = verify(at("b.lgb"), scratch(), {"0", "abc"});
    EXPECT_TRUE(fs::is_empty(scratch()));
    if (verified) return "verified";
    EXPECT_EQ(verified.error().kind, ErrorKind::data) << to_text(verified.error());
    return verified.error().what;
  }

  RecordedRun run_;
  std::string bytes_;

 private:
  testing::ScratchFolder folder_;
};

TEST_F(Bundle, IsJudgedAgainWhereverItIs) {
  const auto verified = verify(bundle(), scratch(), {"0", "abc"});
  ASSERT_TRUE(verified) << to_text(verified.error());
  EXPECT_EQ(verified->judged.verdict.verdict, VerdictKind::pass);
  EXPECT_EQ(verified->unpacked.sha256, sha256_of(bytes_));
  EXPECT_EQ(verified->unpacked.manifest.commit, "abc");
  EXPECT_TRUE(fs::is_empty(scratch()));
}

TEST_F(Bundle, OfOneRunIsAlwaysTheSame) {
  fs::remove(bundle());
  fs::rename(run(), at("elsewhere"));
  PackRequest again = request();
  again.run_dir = at("elsewhere");
  ASSERT_TRUE(pack(again));
  EXPECT_EQ(read_text(bundle()), bytes_);
}

TEST_F(Bundle, KeepsAFail) {
  fs::remove(bundle());
  write_policy(29);
  const auto packed = pack(request());
  ASSERT_TRUE(packed) << to_text(packed.error());
  EXPECT_EQ(packed->verdict.verdict, VerdictKind::fail);
  const auto verified = verify(bundle(), scratch(), {"0", "abc"});
  ASSERT_TRUE(verified) << to_text(verified.error());
  EXPECT_EQ(verified->judged.verdict.verdict, VerdictKind::fail);
}

TEST_F(Bundle, IsNeverWrittenOver) {
  const auto packed = pack(request());
  ASSERT_FALSE(packed);
  EXPECT_EQ(packed.error().kind, ErrorKind::usage);
  EXPECT_EQ(read_text(bundle()), bytes_);
}

// Of two that write the same one at a time, the second finds that it is there.
TEST_F(Bundle, OfTwoWritersEachWritesItsOwnFile) {
  const fs::path path = bundle().string() + ".both";
  auto first = NewFile::create(path);
  auto second = NewFile::create(path);
  ASSERT_TRUE(first && second);
  ASSERT_TRUE(first->write("first, and longer") && second->write("second") && first->finish());
  const Status done = second->finish();
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().what, HasSubstr("cannot be named: File exists"));
  EXPECT_EQ(read_text(path), "first, and longer");
}

// The shipped policies have such rules, and a gate without a baseline judges by the others as well.
TEST_F(Bundle, RulesAgainstABaselineJudgeNothing) {
  std::string text = read_text(policy());
  text.insert(text.find("[[budget]]"), "baseline_required = false\n");
  write_text(policy(),
             text + "[[baseline]]\nkernel = \"*\"\nload = \"*\"\nquantity = \"max\"\nmax_ratio = 1.1\n");
  fs::remove(bundle());
  const auto packed = pack(request());
  ASSERT_TRUE(packed) << to_text(packed.error());
  EXPECT_EQ(std::ranges::count(packed->verdict.checks, std::string("baseline"), &Check::rule), 2);
  EXPECT_EQ(said(read_text(bundle())), "verified");
}

TEST_F(Bundle, OfAKernelWithAnyNameIsWhole) {
  run_.cells = {{"explain-it", "mixed", {20'000, 30'000}}};
  fs::remove_all(run());
  write_run(run(), run_);
  fs::remove(bundle());
  ASSERT_TRUE(pack(request()));
  EXPECT_EQ(said(read_text(bundle())), "verified");
}

TEST_F(Bundle, HasNoPlaceForALink) {
  fs::remove(bundle());
  fs::create_symlink("/etc/passwd", run() / "notes");
  const auto packed = pack(request());
  ASSERT_FALSE(packed);
  EXPECT_THAT(packed.error().what, HasSubstr("notes"));
  EXPECT_FALSE(fs::exists(bundle()));
}

TEST_F(Bundle, AThousandChangedBytesAreRefusedEach) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 1000; ++i) {
    std::string changed = bytes_;
    const std::size_t place = random() % changed.size();
    changed[place] = static_cast<char>(static_cast<unsigned char>(changed[place]) ^ (1 + random() % 255));
    EXPECT_THAT(said(changed), HasSubstr("b.lgb: ")) << "byte " << place;
  }
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
  const Files files = files_of(bytes_);
  EXPECT_EQ(said(resealed(files)), "verified");
  for (std::size_t i = 1; i < files.size(); ++i) {
    const std::string& path = files[i].first;
    Files less = files;
    less.erase(less.begin() + static_cast<std::ptrdiff_t>(i));
    const bool raw = path.ends_with(".json") || path.ends_with(".lgs") || path.ends_with(".toml");
    if (raw) {
      EXPECT_NE(said(resealed(less)), "verified") << path;
    }
    if (!path.ends_with("samples.lgs")) continue;
    Files altered = files;
    altered[i].second.back() ^= 1;
    EXPECT_THAT(said(resealed(altered)), HasSubstr("verdict.json differs at /")) << path;
  }
}

TEST_F(Bundle, ASofterPolicyOrAnotherVerdictIsSeen) {
  Files files = files_of(bytes_);
  for (auto& [path, text] : files)
    if (path == "policy.toml") text.replace(text.find("max_us = 30"), 11, "max_us = 99");
  EXPECT_THAT(said(resealed(files)), HasSubstr("verdict.json differs at /"));
  files = files_of(bytes_);
  for (auto& [path, text] : files)
    if (path == "verdict.json") text.replace(text.find("PASS"), 4, "FAIL");
  EXPECT_THAT(said(resealed(files)),
              AllOf(HasSubstr("\"FAIL\""), HasSubstr("and the raw samples give \"PASS\"")));
}

// Of the bundle's verdict.json, sealed anew: what an older build left, or a forger.
void change_verdict(Files* files, const std::function<void(nlohmann::ordered_json*)>& change) {
  for (auto& [path, text] : *files) {
    if (path != "verdict.json") continue;
    auto verdict = parse_json<nlohmann::ordered_json>(text);
    verdict.erase("sha256");
    change(&verdict);
    text = with_seal(verdict.dump(2));
  }
}

const LoopgateVersion older{"0", "older"};

TEST_F(Bundle, OfABuildThatWroteFewerKeysVerifiesAndTheyAreNamed) {
  Files files = files_of(bytes_);
  change_verdict(&files, [](nlohmann::ordered_json* verdict) {
    verdict->erase("next_step");
    for (auto& check : (*verdict)["checks"]) check.erase("counted");
  });
  write_text(at("older.lgb"), resealed(files, older));
  const auto verified = verify(at("older.lgb"), scratch(), {"0", "abc"});
  ASSERT_TRUE(verified) << to_text(verified.error());
  EXPECT_THAT(verified->added_since, ElementsAre("verdict.json/checks/counted", "verdict.json/next_step"));
  const auto unchanged = verify(bundle(), scratch(), {"1", "abc"});
  ASSERT_TRUE(unchanged) << to_text(unchanged.error());
  EXPECT_TRUE(unchanged->added_since.empty());
  // This build writes them: whoever left them out is no older one.
  EXPECT_THAT(said(resealed(files)), HasSubstr("verdict.json differs at /"));
}

TEST_F(Bundle, OfAnotherBuildWithAnotherValueIsRefusedAndNobodyIsAccused) {
  using Change = std::function<void(nlohmann::ordered_json*)>;
  const std::vector<Change> changes = {[](auto* verdict) { (*verdict)["verdict"] = "FAIL"; },
                                       [](auto* verdict) { (*verdict)["checks"][0]["limit"] = 1; },
                                       [](auto* verdict) { (*verdict)["checks"][0]["seen"] = 1; },
                                       [](auto* verdict) { (*verdict)["checks"].erase(0); },
                                       [](auto* verdict) { (*verdict)["of_a_later_build"] = 1; },
                                       [](auto* verdict) { verdict->erase("verdict"); },
                                       [](auto* verdict) { verdict->erase("checks"); },
                                       [](auto* verdict) { (*verdict)["checks"][0].erase("verdict"); },
                                       [](auto* verdict) { (*verdict)["checks"][0].erase("limit"); }};
  for (const Change& change : changes) {
    Files files = files_of(bytes_);
    change_verdict(&files, change);
    write_text(at("older.lgb"), resealed(files, older));
    const auto refused = verify(at("older.lgb"), scratch(), {"0", "abc"});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, ErrorKind::data);
    EXPECT_THAT(refused.error().what,
                AllOf(HasSubstr("verdict.json differs at /"),
                      HasSubstr("packed by loopgate 0 older, and this is loopgate 0 abc")));
    EXPECT_THAT(refused.error().next_step, HasSubstr("verify it with loopgate 0 older"));
    EXPECT_THAT(refused.error().next_step, Not(HasSubstr("trust no figure")));
  }
}

// A reader of text may see the first of two equal keys, and we the second.
TEST_F(Bundle, OfAnotherBuildHasTheOneFormThatLoopgateWrites) {
  for (const char* more : {"\n  \"verdict\": \"FAIL\",", " "}) {
    Files files = files_of(bytes_);
    for (auto& [path, text] : files)
      if (path == "verdict.json") text.insert(1, more);
    EXPECT_THAT(said(resealed(files, older)), HasSubstr("its text is not as loopgate writes it")) << more;
  }
}

TEST_F(Bundle, WhatIsNoPartOfOneIsRefused) {
  Files files = files_of(bytes_);
  files.insert(files.begin() + 1, {"install.sh", "rm -rf /"});
  EXPECT_THAT(said(resealed(files)), HasSubstr("has install.sh, which is no part of a bundle"));
}

TEST_F(Bundle, WhatIsDerivedStaysOutAndIsRefused) {
  fs::remove(bundle());
  write_text(run() / "comparison.json", "{}");
  write_text(run() / "cells" / "rt.mixed" / "summary.json", "{}");
  ASSERT_TRUE(pack(request()));
  EXPECT_EQ(read_text(bundle()), bytes_);
  Files files = files_of(bytes_);
  files.emplace_back("run/comparison.json", "{}");
  EXPECT_NE(said(tar_of(files)), "verified");
  std::sort(files.begin() + 1, files.end());
  EXPECT_THAT(said(resealed(files)), HasSubstr("has run/comparison.json, which is no part of a bundle"));
}

TEST_F(Bundle, APathThatLeadsElsewhereIsRefused) {
  for (const char* path : {"../x", "run/../../x", "/tmp/x", "run//x", "run/./x", "run/x/", "run/a\\b",
                           "run/a b", "manifest.json"}) {
    Files files = files_of(bytes_);
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
  Files files = files_of(bytes_);
  auto object = parse_json(files[0].second);
  object.erase("seal");
  object["format"] = bundle_format + 1;
  const std::string seal = sha256_of(object.dump());
  object["seal"] = seal;
  files[0].second = object.dump() + "\n";
  EXPECT_THAT(said(tar_of(files)), HasSubstr("is of format 2, and this loopgate reads 1"));
}

TEST(UstarHeader, CutsALongPathAtASlash) {
  const std::string folder(120, 'd');
  EXPECT_EQ(ustar_header(folder + "/name", 1)->substr(0, 5), std::string("name\0", 5));
  EXPECT_FALSE(ustar_header(std::string(101, 'n'), 1));
  EXPECT_FALSE(ustar_header("n", largest_tar_file + 1));
}

}  // namespace
}  // namespace loopgate::bundle_test
