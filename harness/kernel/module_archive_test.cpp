#include "kernel/module_archive.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "base/digest.h"
#include "base/testing/temp_folder.h"

namespace loopgate::module_archive_test {
namespace {

using ::testing::HasSubstr;

// A stand-in for fixtures/disk/initramfs, which notes how it was called.
class CandidatesInitramfs : public ::testing::Test {
 protected:
  CandidatesInitramfs() {
    ::setenv("LOOPGATE_CACHE", (folder_.path() / "cache").c_str(), 1);
    kernel_.name = "mine";
    kernel_.source = ImageSource{folder_.write("Image", "image"), {}, {}};
    board_.name = "pi";
    board_.architecture = Architecture::arm64;
    board_.kind = SshBoard();
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
  Result<std::filesystem::path> made() const { return make_initramfs(kernel_, board_, folder_.path(), {}); }

  TempFolder folder_;
  Kernel kernel_;
  Board board_;
};

TEST_F(CandidatesInitramfs, LoadsTheBoardsModulesThenTheKernels) {
  std::get<SshBoard>(board_.kind).modules = {"virtio_blk", "ext4"};
  kernel_.source = ImageSource{folder_.path() / "Image", "/lib/modules/mine", {"extra"}};
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
  std::get<SshBoard>(board_.kind).modules = {"virtio_blk"};
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
}  // namespace loopgate::module_archive_test
