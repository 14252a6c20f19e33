#include "base/place_to_write.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <fstream>

namespace loopgate::place_to_write_test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class PlaceToWrite : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("loopgate-place-" + std::to_string(::getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  static std::string why(const Status& status) {
    if (status) return {};
    EXPECT_EQ(status.error().kind, ErrorKind::usage);
    return status.error().what;
  }

  fs::path folder_;
};

TEST_F(PlaceToWrite, WhereAFolderCanBeMadeNothingIsLeft) {
  EXPECT_EQ(why(check_folder_place(folder_ / "a" / "b" / "c", "--out")), "");
  EXPECT_EQ(why(check_folder_place(folder_ / "a" / "", "--out")), "");
  EXPECT_EQ(why(check_folder_place(folder_, "--out")), "");
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(PlaceToWrite, AFolderOfTheKernelsTakesNone) {
  EXPECT_THAT(why(check_folder_place("/proc/x", "--out")),
              HasSubstr("--out /proc/x: no folder can be made in /proc: "));
  EXPECT_THAT(why(check_folder_place("/proc/x/y", "--out")), HasSubstr("no folder can be made in /proc"));
  EXPECT_THAT(why(check_file_place("/proc/x", "--json")), HasSubstr("--json /proc/x: no file can be made"));
}

TEST_F(PlaceToWrite, AFileIsNoFolder) {
  std::ofstream(folder_ / "file") << "kept";
  EXPECT_THAT(why(check_folder_place(folder_ / "file" / "out", "--out")), HasSubstr("no folder can be made"));
  EXPECT_THAT(why(check_folder_place(folder_ / "file", "--out")), HasSubstr("no folder can be made"));
  EXPECT_EQ(fs::file_size(folder_ / "file"), 4U);
}

TEST_F(PlaceToWrite, AFilesFolderIsThereAndAFileMayBe) {
  EXPECT_EQ(why(check_file_place(folder_ / "a.json", "--json")), "");
  EXPECT_TRUE(fs::is_empty(folder_));
  std::ofstream(folder_ / "a.json") << "kept";
  EXPECT_EQ(why(check_file_place(folder_ / "a.json", "--json")), "");
  EXPECT_EQ(fs::file_size(folder_ / "a.json"), 4U);
  EXPECT_EQ(why(check_file_place("/dev/null", "--json")), "");
  EXPECT_EQ(why(check_file_place("/dev/full", "--json")), "") << "that it is full shows in writing";
  EXPECT_THAT(why(check_file_place(folder_, "--json")), HasSubstr("Is a directory"));
  EXPECT_THAT(why(check_file_place(folder_ / "none" / "a.json", "--json")), HasSubstr("No such file"));
}

TEST_F(PlaceToWrite, AnEmptyPlaceIsNone) {
  EXPECT_EQ(why(check_folder_place("", "--out")), "--out: is empty");
  EXPECT_EQ(why(check_file_place("", "--json")), "--json: is empty");
}

TEST_F(PlaceToWrite, ALinkLeadsToThePlace) {
  fs::create_symlink(folder_ / "real.json", folder_ / "link");
  EXPECT_EQ(why(check_file_place(folder_ / "link", "--json")), "");
  fs::create_symlink("/proc/x", folder_ / "away");
  EXPECT_THAT(why(check_file_place(folder_ / "away", "--json")), HasSubstr("no file can be made in /proc"));
}

}  // namespace
}  // namespace loopgate::place_to_write_test
