#include "kernel/kernel_provider.h"

#include <gmock/gmock.h>

#include "base/digest.h"
#include "base/testing/temp_folder.h"
#include "kernel/testing/kernel_config.h"

namespace loopgate::kernel_provider_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string raw_image() {
  std::string image(128, '\0');
  image.replace(56, 4, "ARM\x64");
  return image;
}

std::vector<std::string> rows_of(const KernelFiles& files) {
  std::vector<std::string> rows;
  for (const ConfigCheck& check : files.config_checks)
    rows.push_back(check.name + " " + check.expected + " " + check.seen +
                   (check.passed ? " passed" : " failed"));
  return rows;
}

Board board_of(Architecture architecture) {
  Board board;
  board.name = "the-board";
  board.architecture = architecture;
  return board;
}

// A kernel of the user's own: nothing is fetched.
class OwnKernel : public ::testing::Test {
 protected:
  OwnKernel() {
    kernel_.name = "mine";
    kernel_.source = ImageSource{folder_.write("Image", raw_image()), {}, {}};
    kernel_.config = folder_.write("config", testing::kernel_config);
  }
  Result<KernelFiles> image() const {
    return KernelProvider(folder_.path(), {}).provide(kernel_, board_of(Architecture::arm64));
  }
  Error refusal() const {
    const auto refused = image();
    if (refused) return {ErrorKind::kernel, "accepted", ""};
    return refused.error();
  }

  // A stand-in for fixtures/kernels/unpack.
  void unpacks_by(const std::string& script) const {
    namespace fs = std::filesystem;
    fs::permissions(folder_.write("fixtures/kernels/unpack", "#!/bin/sh\n" + script + "\n"),
                    fs::perms::owner_all);
  }

  TempFolder folder_;
  Kernel kernel_;
};

TEST_F(OwnKernel, IsTakenWithItsDigest) {
  kernel_.checks = {{"rt", "", "CONFIG_PREEMPT_RT", "y", ""},
                    {"gcc", "", "CONFIG_CC_VERSION_TEXT", "", "14.2"}};
  const auto taken = image();
  ASSERT_TRUE(taken) << taken.error().what;
  EXPECT_EQ(taken->image, folder_.path() / "Image");
  EXPECT_EQ(taken->image_sha256, sha256_of(raw_image()));
  EXPECT_EQ(taken->provenance.package, "");
  EXPECT_EQ(taken->failed_check, "");
  EXPECT_THAT(rows_of(*taken),
              ElementsAre("rt y y passed", "gcc 14.2 gcc-14 (Debian 14.2.0-19) 14.2.0 passed"));
}

TEST_F(OwnKernel, ThatIsNoKernelIsRefused) {
  const auto path = folder_.write("Image", "");
  EXPECT_EQ(refusal().kind, ErrorKind::usage);
  EXPECT_EQ(refusal().what, "kernel mine: " + path.string() + " is not an arm64 kernel image");
  EXPECT_THAT(refusal().next_step, HasSubstr("Image"));
  // What is not raw may be packed, which the script says.
  unpacks_by("echo \"error: $1: it is not an arm64 kernel image\" >&2; exit 2");
  folder_.write("Image", "not a kernel at all");
  EXPECT_EQ(refusal().kind, ErrorKind::usage);
  EXPECT_EQ(refusal().what, "kernel mine: " + path.string() + ": it is not an arm64 kernel image");
}

// By fixtures/kernels/unpack, whose own tests have all the forms.
TEST_F(OwnKernel, ThatIsPackedIsUnpackedAndItsFormIsNamed) {
  const auto unpacked = folder_.write("unpacked", raw_image());
  unpacks_by("[ \"$1\" = " + (folder_.path() / "Image").string() + " ] && echo '{\"image\": \"" +
             unpacked.string() + "\", \"form\": \"zstd\"}'");
  for (const std::string begin : {"\x28\xb5\x2f\xfd", "\x1f\x8b", "MZ..zimg",
                                  "\x7f"
                                  "ELF"}) {
    folder_.write("Image", begin + std::string(100, 'x'));
    const auto taken = image();
    ASSERT_TRUE(taken) << taken.error().what;
    EXPECT_EQ(taken->image, unpacked);
    EXPECT_EQ(taken->image_sha256, sha256_of(raw_image()));
    EXPECT_EQ(taken->image_form, "zstd");
  }
  const auto refused = KernelProvider(folder_.path(), {}).provide(kernel_, board_of(Architecture::amd64));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().next_step, "name arch/x86/boot/bzImage, which is /boot/vmlinuz");
}

TEST_F(OwnKernel, OfAnotherArchitectureThanTheBoardsIsRefusedByName) {
  const auto refused = KernelProvider(folder_.path(), {}).provide(kernel_, board_of(Architecture::amd64));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::usage);
  EXPECT_EQ(refused.error().what, "kernel mine: " + (folder_.path() / "Image").string() +
                                      " is for arm64, and board the-board is amd64");
  std::string x86(0x400, '\0');
  folder_.write("Image", x86.replace(0x202, 4, "HdrS"));
  EXPECT_TRUE(KernelProvider(folder_.path(), {}).provide(kernel_, board_of(Architecture::amd64)));
  EXPECT_THAT(refusal().what, HasSubstr("is for amd64, and board the-board is arm64"));
}

TEST_F(OwnKernel, WithPageTablesThatTheBoardCannotHaveIsRefused) {
  std::string arm(64, '\0');
  folder_.write("Image", arm.replace(36, 4, "\x18\x28\x6f\x01"));
  kernel_.source = ImageSource{folder_.path() / "Image", {}, {}};
  kernel_.config = folder_.write("config", "CONFIG_ARM_LPAE=y\n");
  const auto refused = KernelProvider(folder_.path(), {}).provide(kernel_, board_of(Architecture::armhf));
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().what, HasSubstr("has CONFIG_ARM_LPAE=y, which board the-board cannot run"));
  folder_.write("config", "# CONFIG_ARM_LPAE is not set\n");
  EXPECT_TRUE(KernelProvider(folder_.path(), {}).provide(kernel_, board_of(Architecture::armhf)));
}

TEST_F(OwnKernel, ThatIsMissingIsRefused) {
  kernel_.source = ImageSource{folder_.path() / "absent", {}, {}};
  EXPECT_EQ(refusal().kind, ErrorKind::usage);
  EXPECT_THAT(refusal().what, HasSubstr("absent: cannot be read"));
}

TEST_F(OwnKernel, WhoseConfigIsAnotherFailsItsCheck) {
  kernel_.checks = {{"volunteers", "", "CONFIG_PREEMPT_VOLUNTARY", "y", ""},
                    {"hz", "", "CONFIG_HZ", "1000", ""},
                    {"rt", "", "CONFIG_PREEMPT_RT", "y", ""}};
  const auto taken = image();
  ASSERT_TRUE(taken) << "the cell is INVALID, the other kernels' are not";
  EXPECT_THAT(rows_of(*taken), ElementsAre("volunteers y n failed", "hz 1000 250 failed", "rt y y passed"));
  EXPECT_EQ(taken->failed_check,
            "kernel check \"volunteers\" failed: CONFIG_PREEMPT_VOLUNTARY is n, wanted y");
}

TEST_F(OwnKernel, WithoutAConfigThatAChecksAsksForIsRefused) {
  kernel_.checks = {{"rt", "", "CONFIG_PREEMPT_RT", "y", ""}};
  kernel_.config = folder_.path() / "absent";
  EXPECT_THAT(refusal().what, HasSubstr("absent: cannot be read"));
  kernel_.config.clear();
  EXPECT_EQ(refusal().kind, ErrorKind::usage);
  EXPECT_THAT(refusal().what, HasSubstr("kernel mine: a check asks for a config option"));
  EXPECT_THAT(refusal().next_step, HasSubstr("[source]"));
}

// A stand-in for fixtures/kernels/fetch.
class FetchedKernel : public ::testing::Test {
 protected:
  void write_script(const std::string& script) const {
    namespace fs = std::filesystem;
    const fs::path path = folder_.write("fixtures/kernels/fetch", "#!/bin/sh\n" + script);
    fs::permissions(path, fs::perms::owner_all);
  }
  Result<KernelFiles> image(Architecture architecture = Architecture::arm64) const {
    Kernel kernel;
    kernel.name = "generic";
    kernel.source = PackageSource{"linux-image-{architecture}"};
    return KernelProvider(folder_.path(), [](const std::string&) {}).provide(kernel, board_of(architecture));
  }

  TempFolder folder_;
};

TEST_F(FetchedKernel, IsWhatTheScriptSays) {
  const auto path = folder_.write("vmlinuz", raw_image());
  write_script("echo \"$*\" >&2\nprintf '{\"image\":\"" + path.string() +
               "\",\"package\":\"linux-image-6.12\",\"version\":\"6.12.1-1\",\"release\":\"6.12.1\"}'\n"
               "[ \"$*\" = '--package linux-image-arm64 --suite trixie --arch arm64' ]\n");
  const auto taken = image();
  ASSERT_TRUE(taken) << taken.error().what;
  EXPECT_EQ(taken->provenance.package, "linux-image-6.12");
  EXPECT_EQ(taken->provenance.version, "6.12.1-1");
  EXPECT_EQ(taken->release, "6.12.1");
}

TEST_F(FetchedKernel, IsOneForTheBoardsArchitecture) {
  std::string x86(0x400, '\0');
  const auto path = folder_.write("vmlinuz", x86.replace(0x202, 4, "HdrS"));
  write_script("printf '{\"image\":\"" + path.string() +
               "\"}'\n[ \"$*\" = '--package linux-image-amd64 --suite trixie --arch amd64' ]\n");
  const auto taken = image(Architecture::amd64);
  ASSERT_TRUE(taken) << taken.error().what;
  EXPECT_EQ(taken->image, path);
}

TEST_F(FetchedKernel, ThatCannotBeFetchedIsTheBenchsFaultInTheScriptsWords) {
  write_script("echo fetching >&2; echo 'the archive cannot be reached' >&2; exit 1\n");
  const auto refused = image();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::infrastructure);
  EXPECT_EQ(refused.error().what, "the archive cannot be reached");
  EXPECT_THAT(refused.error().next_step, HasSubstr("fetch --package linux-image-arm64"));
}

TEST_F(FetchedKernel, ThatIsUnknownIsTheUsersMistake) {
  write_script("echo 'there is no package linux-image-arm64' >&2; exit 2\n");
  const auto refused = image();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::usage);
}

TEST_F(FetchedKernel, RefusesAnAnswerThatIsNoJson) {
  for (const char* answer : {"", "null", "[]", "{\"image\":"}) {
    write_script(std::string("printf '") + answer + "'\n");
    const auto refused = image();
    ASSERT_FALSE(refused) << answer;
    EXPECT_EQ(refused.error().kind, ErrorKind::infrastructure);
    EXPECT_THAT(refused.error().what, HasSubstr("fetch gave no JSON object"));
  }
}

// A stand-in for fixtures/kernels/build.
class KernelFromSource : public ::testing::Test {
 protected:
  KernelFromSource() {
    source_.source_package = "linux-source-6.12";
    source_.base = "tinyconfig";
  }
  // Exits with 1 where its arguments are others than `expected`.
  void write_script(const std::string& answer, const std::string& expected = "") const {
    const std::string check = expected.empty() ? "" : "[ \"$*\" = '" + expected + "' ]\n";
    const auto script = folder_.write("fixtures/kernels/build",
                                      "#!/bin/sh\necho \"$*\" >&2\nprintf '" + answer + "'\n" + check);
    std::filesystem::permissions(script, std::filesystem::perms::owner_all);
  }
  Result<KernelFiles> provide(Building building = Building::when_needed) const {
    Kernel kernel;
    kernel.name = "built";
    kernel.source = source_;
    return KernelProvider(folder_.path(), {}, building).provide(kernel, board_of(Architecture::arm64));
  }

  BuildSource source_;
  TempFolder folder_;
};

TEST_F(KernelFromSource, IsBuiltByTheScriptFromWhatTheFileNames) {
  const auto path = folder_.write("Image", raw_image());
  write_script(
      R"({"is_built":true,"image":")" + path.string() +
          R"(","config":"/k/config","package":"linux-source-6.12","version":"6.12.1-1",)"
          R"("release":"6.12.1","tree_sha256":"t","config_sha256":"c","toolchain":["clang-19: 19.1"],)"
          R"("unknown_options":["CONFIG_A=y"]})",
      "--source-package linux-source-6.12 --suite trixie --arch arm64 --base tinyconfig "
      "--fragment /k/a.config --fragment /k/b.config --patch /k/c.patch "
      "--toolchain clang-19 --unknown-options-allowed");
  source_.unknown_options_allowed = true;
  source_.fragments = {"/k/a.config", "/k/b.config"};
  source_.patches = {"/k/c.patch"};
  const auto taken = provide();
  ASSERT_TRUE(taken) << taken.error().what;
  EXPECT_EQ(taken->image, path);
  EXPECT_EQ(taken->config, "/k/config");
  EXPECT_EQ(taken->provenance.package, "linux-source-6.12");
  EXPECT_EQ(taken->build.tree_sha256, "t");
  EXPECT_EQ(taken->build.config_sha256, "c");
  EXPECT_THAT(taken->build.toolchain, ElementsAre("clang-19: 19.1"));
  EXPECT_THAT(taken->build.unknown_options, ElementsAre("CONFIG_A=y"));
}

TEST_F(KernelFromSource, IsNotBuiltForWhoOnlyPlans) {
  write_script(
      R"({"is_built":false,"image":"/later/Image","package":"linux-source-6.12","version":"6.12.1-1"})",
      "--source-package linux-source-6.12 --suite trixie --arch arm64 --base tinyconfig --toolchain "
      "clang-19 --if-built");
  const auto taken = provide(Building::never);
  ASSERT_TRUE(taken) << taken.error().what;
  EXPECT_FALSE(taken->is_built);
  EXPECT_EQ(taken->image, "/later/Image");
  EXPECT_EQ(taken->image_sha256, "") << "nobody knows it yet";
}

TEST_F(KernelFromSource, ThatTheScriptDidNotBuildIsNotMeasured) {
  write_script(R"({"is_built":false,"image":"/later/Image"})");
  ASSERT_FALSE(provide());
  EXPECT_EQ(provide().error().kind, ErrorKind::infrastructure);
}

TEST_F(KernelFromSource, BringsTheModulesThatItsFileLoads) {
  const auto path = folder_.write("Image", raw_image());
  write_script(R"({"is_built":true,"image":")" + path.string() + R"(","modules":"/k/modules"})",
               "--source-package linux-source-6.12 --suite trixie --arch arm64 --base tinyconfig --toolchain "
               "clang-19 --modules");
  const auto archive = folder_.write("modules.cpio", "archive");
  const auto script = folder_.write("fixtures/kernels/modules",
                                    "#!/bin/sh\necho \"$*\" >&2\nprintf '{\"archive\":\"" + archive.string() +
                                        "\",\"sha256\":\"" + sha256_of("archive") +
                                        "\"}'\n[ \"$*\" = '--from /k/modules --load gpio-pl061' ]\n");
  std::filesystem::permissions(script, std::filesystem::perms::owner_all);
  source_.load = {"gpio-pl061"};
  const auto taken = provide();
  ASSERT_TRUE(taken) << taken.error().what;
  EXPECT_EQ(taken->modules, archive);
}

}  // namespace
}  // namespace loopgate::kernel_provider_test
