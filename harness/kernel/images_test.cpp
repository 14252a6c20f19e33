#include "kernel/images.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "base/digest.h"
#include "base/testing/temp_folder.h"

namespace loopgate {
namespace {

using ::testing::HasSubstr;

std::string raw_image() {
  std::string image(128, '\0');
  image.replace(56, 4, "ARM\x64");
  return image;
}

TEST(LooksLikeArm64Kernel, KnowsTheThreeForms) {
  EXPECT_TRUE(looks_like_arm64_kernel(raw_image()));
  std::string zboot(128, '\0');
  zboot.replace(0, 8, std::string("MZ\0\0zimg", 8));
  EXPECT_TRUE(looks_like_arm64_kernel(zboot));
  std::string gzip(128, '\0');
  gzip.replace(0, 2, "\x1f\x8b");
  EXPECT_TRUE(looks_like_arm64_kernel(gzip));
}

TEST(LooksLikeArm64Kernel, RefusesAnythingElse) {
  EXPECT_FALSE(looks_like_arm64_kernel(""));
  EXPECT_FALSE(looks_like_arm64_kernel(raw_image().substr(0, 60)));
  EXPECT_FALSE(looks_like_arm64_kernel(std::string(4'096, '\0')));
  EXPECT_FALSE(
      looks_like_arm64_kernel("\x7f"
                              "ELF" +
                              std::string(100, '\0')));
  EXPECT_FALSE(looks_like_arm64_kernel("<!DOCTYPE html>" + std::string(100, ' ')));
  EXPECT_FALSE(looks_like_arm64_kernel("!<arch>\ndebian-binary" + std::string(100, ' '))) << "a .deb";
  EXPECT_FALSE(looks_like_arm64_kernel(" " + raw_image()));
}

constexpr const char* config = R"(#
# Automatically generated file; DO NOT EDIT.
CONFIG_CC_VERSION_TEXT="gcc-14 (Debian 14.2.0-19) 14.2.0"
CONFIG_PREEMPT_RT=y
# CONFIG_PREEMPT_VOLUNTARY is not set
CONFIG_HZ=250
CONFIG_GPIO_PL061=m
CONFIG_LOCALVERSION=""
CONFIG_LAST=y)";

TEST(ConfigOption, GivesItsValue) {
  EXPECT_EQ(config_option(config, "CONFIG_PREEMPT_RT"), "y");
  EXPECT_EQ(config_option(config, "PREEMPT_RT"), "y") << "as people write it";
  EXPECT_EQ(config_option(config, "CONFIG_GPIO_PL061"), "m");
  EXPECT_EQ(config_option(config, "CONFIG_HZ"), "250");
  EXPECT_EQ(config_option(config, "CONFIG_CC_VERSION_TEXT"), "gcc-14 (Debian 14.2.0-19) 14.2.0");
  EXPECT_EQ(config_option(config, "CONFIG_LOCALVERSION"), "");
  EXPECT_EQ(config_option(config, "CONFIG_LAST"), "y") << "without an end of line";
}

TEST(ConfigOption, ThatIsNotSetIsN) {
  EXPECT_EQ(config_option(config, "CONFIG_PREEMPT_VOLUNTARY"), "n");
  EXPECT_EQ(config_option(config, "CONFIG_PREEMPT"), "n") << "only the beginning of another's name";
  EXPECT_EQ(config_option(config, "CONFIG_ABSENT"), "n");
  EXPECT_EQ(config_option("", "CONFIG_HZ"), "n");
}

TEST(KernelImages, OfX86AreToldApart) {
  std::string image(0x400, '\0');
  EXPECT_FALSE(looks_like_amd64_kernel(image));
  image.replace(0x202, 4, "HdrS");
  EXPECT_TRUE(looks_like_amd64_kernel(image));
  EXPECT_FALSE(looks_like_arm64_kernel(image));
  EXPECT_FALSE(looks_like_amd64_kernel(image.substr(0, 0x205))) << "cut off";
}

Board board_of(const char* architecture) {
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
    kernel_.source.image = folder_.write("Image", raw_image());
    kernel_.source.config = folder_.write("config", config);
  }
  Result<KernelImage> image() const {
    return Images(folder_.path(), "none", {}).kernel(kernel_, board_of("arm64"));
  }
  Error refusal() const {
    const auto refused = image();
    if (refused) return {ErrorKind::kernel, "accepted", ""};
    return refused.error();
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
  EXPECT_EQ(taken->package, "");
  EXPECT_EQ(taken->failed_check, "");
  EXPECT_EQ(taken->config_checks, nlohmann::json::parse(R"([
    {"name": "rt", "expected": "y", "seen": "y", "passed": true},
    {"name": "gcc", "expected": "14.2", "seen": "gcc-14 (Debian 14.2.0-19) 14.2.0", "passed": true}])"));
}

TEST_F(OwnKernel, ThatIsNoKernelIsRefused) {
  const auto path = folder_.write("Image", "not a kernel at all");
  EXPECT_EQ(refusal().kind, ErrorKind::usage);
  EXPECT_EQ(refusal().what, "kernel mine: " + path.string() + " is no arm64 kernel image");
  EXPECT_THAT(refusal().next_step, HasSubstr("Image"));
}

TEST_F(OwnKernel, OfAnotherArchitectureThanTheBoardsIsRefusedByName) {
  const auto refused = Images(folder_.path(), "none", {}).kernel(kernel_, board_of("amd64"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::usage);
  EXPECT_EQ(refused.error().what, "kernel mine: " + (folder_.path() / "Image").string() +
                                      " is for arm64, and board the-board is amd64");
  std::string x86(0x400, '\0');
  folder_.write("Image", x86.replace(0x202, 4, "HdrS"));
  EXPECT_TRUE(Images(folder_.path(), "none", {}).kernel(kernel_, board_of("amd64")));
  EXPECT_THAT(refusal().what, HasSubstr("is for amd64, and board the-board is arm64"));
}

TEST_F(OwnKernel, ThatIsMissingIsRefused) {
  kernel_.source.image = folder_.path() / "absent";
  EXPECT_EQ(refusal().kind, ErrorKind::usage);
  EXPECT_THAT(refusal().what, HasSubstr("absent: cannot be read"));
}

TEST_F(OwnKernel, WhoseConfigIsAnotherFailsItsCheck) {
  kernel_.checks = {{"volunteers", "", "CONFIG_PREEMPT_VOLUNTARY", "y", ""},
                    {"hz", "", "CONFIG_HZ", "1000", ""},
                    {"rt", "", "CONFIG_PREEMPT_RT", "y", ""}};
  const auto taken = image();
  ASSERT_TRUE(taken) << "the cell is INVALID, the other kernels' are not";
  EXPECT_EQ(taken->config_checks, nlohmann::json::parse(R"([
    {"name": "volunteers", "expected": "y", "seen": "n", "passed": false},
    {"name": "hz", "expected": "1000", "seen": "250", "passed": false},
    {"name": "rt", "expected": "y", "seen": "y", "passed": true}])"));
  EXPECT_EQ(taken->failed_check,
            "kernel check \"volunteers\" failed: CONFIG_PREEMPT_VOLUNTARY is n, wanted y");
}

TEST_F(OwnKernel, WithoutAConfigThatAChecksAsksForIsRefused) {
  kernel_.checks = {{"rt", "", "CONFIG_PREEMPT_RT", "y", ""}};
  kernel_.source.config = folder_.path() / "absent";
  EXPECT_THAT(refusal().what, HasSubstr("absent: cannot be read"));
  kernel_.source.config.clear();
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
  Result<KernelImage> image(const char* architecture = "arm64") const {
    Kernel kernel;
    kernel.name = "generic";
    kernel.source.package = "linux-image-{architecture}";
    return Images(folder_.path(), "none", [](const std::string&) {}).kernel(kernel, board_of(architecture));
  }

  TempFolder folder_;
};

TEST_F(FetchedKernel, IsWhatTheScriptSays) {
  const auto path = folder_.write("vmlinuz", raw_image());
  write_script("echo \"$*\" >&2\nprintf '{\"image\":\"" + path.string() +
               "\",\"package\":\"linux-image-6.12\",\"version\":\"6.12.1-1\",\"release\":\"6.12.1\"}'\n"
               "[ \"$*\" = '--package linux-image-arm64 --suite trixie' ]\n");
  const auto taken = image();
  ASSERT_TRUE(taken) << taken.error().what;
  EXPECT_EQ(taken->package, "linux-image-6.12");
  EXPECT_EQ(taken->version, "6.12.1-1");
  EXPECT_EQ(taken->release, "6.12.1");
}

TEST_F(FetchedKernel, IsOneForTheBoardsArchitecture) {
  std::string x86(0x400, '\0');
  const auto path = folder_.write("vmlinuz", x86.replace(0x202, 4, "HdrS"));
  write_script("printf '{\"image\":\"" + path.string() +
               "\"}'\n[ \"$*\" = '--package linux-image-amd64 --suite trixie --arch amd64' ]\n");
  const auto taken = image("amd64");
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

// A stand-in for fixtures/rootfs/make.
TEST(TargetImages, AreOfTheBoardsArchitecture) {
  const TempFolder folder;
  ::setenv("LOOPGATE_CACHE", (folder.path() / "cache").c_str(), 1);
  const auto base = folder.write("rootfs.cpio", "base");
  const auto manifest = folder.write("manifest.json", R"({"packages": []})");
  const auto programs = folder.write("programs.cpio", "ours");
  std::filesystem::permissions(
      folder.write(
          "fixtures/rootfs/make",
          "#!/bin/sh\n[ \"$*\" = '--arch amd64' ] || { echo \"wrong words: $*\" >&2; exit 2; }\nprintf "
          "'{\"image\":\"" +
              base.string() + "\",\"manifest\":\"" + manifest.string() + "\"}'\n"),
      std::filesystem::perms::owner_all);
  const auto target = Images(folder.path(), programs, {}).target(board_of("amd64"));
  ASSERT_TRUE(target) << target.error().what;
  EXPECT_EQ(target->initrd_sha256, sha256_of("baseours"));
  EXPECT_EQ(target->programs, programs);
  const auto unbuilt = Images(folder.path(), folder.path() / "absent", {}).target(board_of("amd64"));
  ASSERT_FALSE(unbuilt);
  EXPECT_EQ(unbuilt.error().next_step,
            "build the target's programs: cmake --build build --target target-amd64");
  EXPECT_FALSE(Images(folder.path(), programs, {}).target(board_of("arm64"))) << "its words reach the script";
  ::unsetenv("LOOPGATE_CACHE");
}

// A stand-in for fixtures/disk/initramfs, which notes how it was called.
class CandidatesInitramfs : public ::testing::Test {
 protected:
  CandidatesInitramfs() {
    ::setenv("LOOPGATE_CACHE", (folder_.path() / "cache").c_str(), 1);
    kernel_.name = "mine";
    kernel_.source.image = folder_.write("Image", raw_image());
    board_.name = "pi";
    board_.architecture = "arm64";
    board_.boot.emplace();
    write_script(
        "for word; do echo \"$word\" >> \"$0.called\"; out=$word; done\nprintf made > \"$out\"\n"
        "printf '{\"file\":\"%s\",\"sha256\":\"" +
        sha256_of("made") + "\"}' \"$out\"\n");
  }
  ~CandidatesInitramfs() override { ::unsetenv("LOOPGATE_CACHE"); }
  void write_script(const std::string& script) const {
    namespace fs = std::filesystem;
    fs::permissions(folder_.write("fixtures/disk/initramfs", "#!/bin/sh\n" + script), fs::perms::owner_all);
  }
  Result<std::filesystem::path> made() const {
    return Images(folder_.path(), "none", {}).initramfs(kernel_, board_);
  }

  TempFolder folder_;
  Kernel kernel_;
  Board board_;
};

TEST_F(CandidatesInitramfs, LoadsTheBoardsModulesThenTheKernels) {
  board_.boot->modules = {"virtio_blk", "ext4"};
  kernel_.source.modules = "/lib/modules/mine";
  kernel_.source.load = {"extra"};
  const auto file = made();
  ASSERT_TRUE(file) << file.error().what;
  EXPECT_EQ(text_of_file(*file), "made");
  EXPECT_EQ(text_of_file(folder_.path() / "fixtures/disk/initramfs.called"),
            "--arch\narm64\n--modules\n/lib/modules/"
            "mine\n--load\nvirtio_blk\n--load\next4\n--load\nextra\n--out\n" +
                file->string() + "\n");
}

TEST_F(CandidatesInitramfs, OfAKernelWithAllBuiltInNeedsNone) {
  ASSERT_TRUE(made());
  EXPECT_THAT(text_of_file(folder_.path() / "fixtures/disk/initramfs.called"),
              HasSubstr("--arch\narm64\n--out\n"));
}

TEST_F(CandidatesInitramfs, OfAnImageWithoutTheModulesThatTheBoardNeedsIsRefused) {
  board_.boot->modules = {"virtio_blk"};
  const auto refused = made();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::usage);
  EXPECT_EQ(refused.error().what,
            "kernel mine: board pi needs modules loaded (virtio_blk), and the image comes with none");
}

TEST_F(CandidatesInitramfs, ThatIsNotWhatTheScriptSaysIsRefused) {
  write_script("for out; do :; done\nprintf other > \"$out\"\nprintf '{\"sha256\":\"00\"}'\n");
  const auto refused = made();
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().what, HasSubstr("is not what was made there"));
}

}  // namespace
}  // namespace loopgate
