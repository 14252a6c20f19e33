#include "protocol/picture_archive.h"

#include <gmock/gmock.h>

#include <chrono>
#include <filesystem>

#include "base/file.h"
#include "base/process.h"
#include "base/testing/temp_folder.h"

namespace loopgate {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::string grey(700, 'g');

std::string archive() {
  return write_picture_archive({{"OK/a.pgm", grey}, {"NG/b.png", "png"}, {"c.pgm", ""}});
}

std::string refusal(const std::string& bytes) {
  const auto files = read_picture_archive(bytes);
  return files ? "not refused" : files.error();
}

TEST(PictureArchive, WhatWasWrittenIsRead) {
  const std::string bytes = archive();
  const auto files = read_picture_archive(bytes);
  ASSERT_TRUE(files) << files.error();
  ASSERT_EQ(files->size(), 3U);
  EXPECT_EQ((*files)[0].name, "OK/a.pgm");
  EXPECT_EQ((*files)[0].bytes, grey);
  EXPECT_EQ((*files)[1].bytes, "png");
  EXPECT_EQ((*files)[2].name, "c.pgm");
  EXPECT_EQ((*files)[2].bytes, "");
  EXPECT_EQ(bytes.size() % 512, 0U);
}

TEST(PictureArchive, AnEmptyOneHasNoFiles) {
  EXPECT_TRUE(read_picture_archive(write_picture_archive({}))->empty());
}

TEST(PictureArchive, ANameMayFillItsField) {
  const std::string name(archived_name_max, 'n');
  const std::string bytes = write_picture_archive({{name, "x"}});
  EXPECT_EQ(read_picture_archive(bytes)->front().name, name);
}

// tar(1) is the other that reads and writes such files.
class WithTar : public testing::Test {
 protected:
  void run(const std::vector<std::string>& argv) {
    const auto done = run_program(argv, std::chrono::seconds(20));
    ASSERT_TRUE(done) << done.error().what;
    ASSERT_EQ(done->exit_status, 0) << done->errors;
  }
  TempFolder folder_;
};

TEST_F(WithTar, TarReadsOurs) {
  const auto file = folder_.write("a.tar", archive());
  run({"tar", "-xf", file.string(), "-C", folder_.path().string()});
  EXPECT_EQ(*read_file(folder_.path() / "OK/a.pgm"), grey);
  EXPECT_EQ(*read_file(folder_.path() / "NG/b.png"), "png");
}

TEST_F(WithTar, WeReadTars) {
  folder_.write("in/OK/a.pgm", grey);
  folder_.write("in/NG/b.png", "png");
  const auto file = folder_.path() / "a.tar";
  for (const char* form : {"ustar", "gnu"}) {
    run({"tar", "--sort=name", std::string("--format=") + form, "-cf", file.string(), "-C",
         (folder_.path() / "in").string(), "NG", "OK"});
    const std::string bytes = *read_file(file);
    const auto files = read_picture_archive(bytes);
    ASSERT_TRUE(files) << form << ": " << files.error();
    ASSERT_EQ(files->size(), 2U) << form;
    EXPECT_EQ((*files)[0].name, "NG/b.png");
    EXPECT_EQ((*files)[1].bytes, grey);
  }
}

TEST_F(WithTar, LinksAndLongNamesAreRefused) {
  folder_.write("in/a.pgm", grey);
  std::filesystem::create_symlink("a.pgm", folder_.path() / "in/b.pgm");
  const auto file = folder_.path() / "a.tar";
  run({"tar", "--format=ustar", "-cf", file.string(), "-C", (folder_.path() / "in").string(), "a.pgm",
       "b.pgm"});
  EXPECT_THAT(refusal(*read_file(file)), StartsWith("holds more than files and folders"));
  const std::string far = "in/" + std::string(90, 'f') + "/" + std::string(20, 'n') + ".pgm";
  folder_.write(far, grey);
  run({"tar", "--format=ustar", "-cf", file.string(), "-C", folder_.path().string(), far});
  EXPECT_THAT(refusal(*read_file(file)), StartsWith("has a name longer than 100 characters: in/fff"));
}

TEST(PictureArchive, WhatIsNoneIsRefused) {
  EXPECT_THAT(refusal(""), HasSubstr("cut off"));
  EXPECT_THAT(refusal(std::string(512, 'x')), HasSubstr("no tar archive"));
  std::string altered = archive();
  altered[0] = 'x';
  EXPECT_THAT(refusal(altered), HasSubstr("checksum"));
}

// Wherever it is cut, it is refused or reads as whole: nothing is left out without a word.
TEST(PictureArchive, ACutOffOneIsRefused) {
  const std::string bytes = archive();
  const std::size_t last = bytes.size() - 1024;  // the end's first block begins here
  for (std::size_t size = 0; size < last + 512; size += 7)
    EXPECT_THAT(refusal(bytes.substr(0, size)), HasSubstr("cut off")) << size;
  EXPECT_EQ(refusal(bytes.substr(0, last + 512)), "not refused");
}

}  // namespace
}  // namespace loopgate
