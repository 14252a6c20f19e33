#include "kernel/target_image.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "base/digest.h"
#include "base/testing/temp_folder.h"

namespace loopgate {
namespace {

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
  const auto extended = with_modules(*target, folder.write("modules.cpio", "more"));
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

}  // namespace
}  // namespace loopgate
