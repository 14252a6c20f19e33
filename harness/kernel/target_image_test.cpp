#include "kernel/target_image.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "base/digest.h"
#include "base/json.h"
#include "base/sealed_json.h"
#include "base/testing/temp_folder.h"
#include "base/testing/variable.h"

namespace loopgate::target_image_test {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

// A stand-in for fixtures/rootfs/make.
TEST(TargetImages, AreOfTheBoardsArchitecture) {
  const TempFolder folder;
  ::setenv("LOOPGATE_CACHE", (folder.path() / "cache").c_str(), 1);
  const auto base = folder.write("rootfs.cpio", "base");
  const auto manifest =
      folder.write("manifest.json", R"({"packages": [{"package": "stress-ng", "version": "0.19.02-1"}]})");
  const auto programs = folder.write("programs.cpio", "ours");
  std::filesystem::permissions(
      folder.write(
          "fixtures/rootfs/make",
          "#!/bin/sh\n[ \"$*\" = '--arch amd64' ] || { echo \"wrong words: $*\" >&2; exit 2; }\nprintf "
          "'{\"image\":\"" +
              base.string() + "\",\"manifest\":\"" + manifest.string() + "\"}'\n"),
      std::filesystem::perms::owner_all);
  const auto target = make_target_image(folder.path(), programs, Architecture::amd64, {});
  ASSERT_TRUE(target) << target.error().what;
  EXPECT_EQ(target->initrd_sha256, sha256_of("baseours"));
  EXPECT_EQ(text_of_file(target->initrd), "baseours");
  EXPECT_EQ(target->base_sha256, sha256_of("base"));
  EXPECT_EQ(target->programs, programs);
  ASSERT_EQ(target->packages.size(), 1U);
  EXPECT_EQ(target->packages[0].package, "stress-ng");
  const auto extended = with_modules(*target, folder.write("modules.cpio", "more"), {});
  ASSERT_TRUE(extended) << extended.error().what;
  EXPECT_EQ(text_of_file(extended->initrd), "baseoursmore");
  EXPECT_EQ(extended->initrd_sha256, sha256_of("baseoursmore"));
  EXPECT_EQ(extended->programs_sha256, target->programs_sha256);
  const auto unbuilt = make_target_image(folder.path(), folder.path() / "absent", Architecture::amd64, {});
  ASSERT_FALSE(unbuilt);
  EXPECT_EQ(unbuilt.error().next_step,
            "build the target's programs: cmake --build build --target target-amd64");
  EXPECT_FALSE(make_target_image(folder.path(), programs, Architecture::arm64, {}))
      << "its words reach the script";
  ::unsetenv("LOOPGATE_CACHE");
}

// Made of a base of another script's and programs of a build's.
class CachedTargetImage : public ::testing::Test {
 protected:
  CachedTargetImage() {
    const auto base = folder_.write("rootfs.cpio", "base");
    const auto manifest = folder_.write("manifest.json", "{}");
    fs::permissions(
        folder_.write("fixtures/rootfs/make", "#!/bin/sh\nprintf '{\"image\":\"" + base.string() +
                                                  "\",\"manifest\":\"" + manifest.string() + "\"}'\n"),
        fs::perms::owner_all);
    folder_.write("programs.cpio", "ours");
  }
  Result<TargetImage> made() {
    return make_target_image(folder_.path(), folder_.path() / "programs.cpio", Architecture::arm64,
                             [this](const std::string& line) { told_.push_back(line); });
  }

  TempFolder folder_;
  Variable cache_{"LOOPGATE_CACHE", folder_.path("cache").c_str()};
  std::vector<std::string> told_;
};

TEST_F(CachedTargetImage, OfOtherBytesAndTheSameSizeIsMadeAnewAndTold) {
  const fs::path initrd = made().value().initrd;
  EXPECT_THAT(told_, ElementsAre());
  const auto written = fs::last_write_time(initrd);
  folder_.write(fs::relative(initrd, folder_.path()), "baseOurs");
  fs::last_write_time(initrd, written);
  const auto again = made();
  ASSERT_TRUE(again) << again.error().what;
  EXPECT_EQ(text_of_file(again->initrd), "baseours");
  EXPECT_EQ(again->initrd_sha256, sha256_of("baseours"));
  EXPECT_THAT(told_, ElementsAre(HasSubstr("is not what was kept there: it is made anew")));
}

TEST_F(CachedTargetImage, WithModulesIsCheckedAlike) {
  const auto target = made();
  ASSERT_TRUE(target);
  const auto modules = folder_.write("modules.cpio", "more");
  const auto extended = with_modules(*target, modules, {});
  ASSERT_TRUE(extended);
  folder_.write(fs::relative(extended->initrd, folder_.path()), "baseoursMore");
  const auto again = with_modules(*target, modules, {});
  ASSERT_TRUE(again);
  EXPECT_EQ(text_of_file(again->initrd), "baseoursmore");
  EXPECT_EQ(again->initrd_sha256, sha256_of("baseoursmore"));
}

TEST_F(CachedTargetImage, ProgramsThatAreNotWhatWasBuiltAreRefused) {
  folder_.write("programs.json", sealed({{"files", {{"programs.cpio", sha256_of("ours")}}}}));
  EXPECT_TRUE(made());
  folder_.write("programs.cpio", "Ours");
  const auto refused = made();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::infrastructure) << "and no kernel panics for it";
  EXPECT_THAT(refused.error().what, HasSubstr("programs.cpio: is not what was built"));
  EXPECT_THAT(refused.error().next_step, HasSubstr("build the target's programs"));
}

TEST_F(CachedTargetImage, ADamagedRecordOfTheProgramsProvesNothing) {
  std::string record = sealed({{"files", {{"programs.cpio", sha256_of("ours")}}}});
  record[record.find(sha256_of("ours"))] ^= 1;
  folder_.write("programs.json", record);
  EXPECT_FALSE(made());
  folder_.write("programs.json", "{\"key\"");
  EXPECT_FALSE(made());
}

}  // namespace
}  // namespace loopgate::target_image_test
