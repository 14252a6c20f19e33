#include "config/own_folders.h"

#include <gmock/gmock.h>

#include "base/testing/temp_folder.h"
#include "base/testing/variable.h"

namespace loopgate::own_folders_test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class OwnFoldersTest : public ::testing::Test {
 protected:
  TempFolder folder_;
  Variable configuration_{"XDG_CONFIG_HOME", folder_.path("config").c_str()};
};

std::vector<std::string> names_of(const std::vector<OwnFile>& files) {
  std::vector<std::string> names;
  for (const OwnFile& file : files) names.push_back(file.name);
  return names;
}

TEST_F(OwnFoldersTest, AreThoseThatAreNamedAndTheUsualOne) {
  folder_.write("mine/kernels/fast.toml", "");
  folder_.write("mine/kernels/lab.example.toml", "");
  folder_.write("mine/kernels/notes.txt", "");
  folder_.write("mine/suites/latency/suite.toml", "");
  folder_.write("mine/suites/empty/readme", "");
  folder_.write("config/loopgate/kernels/calm.toml", "");
  const OwnFolders own = OwnFolders::find({folder_.path("mine")}).value();
  EXPECT_THAT(names_of(own.files(Choice::kernel)), ::testing::ElementsAre("calm", "fast"));
  EXPECT_THAT(names_of(own.files(Choice::suite)), ::testing::ElementsAre("latency"));
  EXPECT_THAT(own.files(Choice::load), IsEmpty());
  EXPECT_EQ(own.path_or_name(Choice::kernel, "fast", {}).value(), folder_.path("mine/kernels/fast.toml"));
  EXPECT_EQ(own.path_or_name(Choice::suite, "latency", {}).value(), folder_.path("mine/suites/latency"));
  EXPECT_EQ(own.path_or_name(Choice::kernel, "generic", {"generic"}).value(), "generic");
  EXPECT_EQ(own.path_or_name(Choice::kernel, "./mine/kernels/fast.toml", {}).value(),
            "./mine/kernels/fast.toml");
}

TEST_F(OwnFoldersTest, OneThatIsNamedTwiceIsOne) {
  folder_.write("config/loopgate/loads/busy.toml", "");
  std::filesystem::create_directory_symlink(folder_.path("config/loopgate"), folder_.path("link"));
  const OwnFolders own = OwnFolders::find({folder_.path("link"), folder_.path("config/loopgate/")}).value();
  EXPECT_EQ(own.folders().size(), 1U);
  EXPECT_TRUE(own.path_or_name(Choice::load, "busy", {}));
}

TEST_F(OwnFoldersTest, AreNoneWhereThereAreNone) {
  EXPECT_THAT(OwnFolders::find({}).value().folders(), IsEmpty());
}

TEST_F(OwnFoldersTest, OfTwoWithOneNameNeitherIsTaken) {
  folder_.write("a/loads/busy.toml", "");
  folder_.write("b/loads/busy.toml", "");
  folder_.write("b/loads/cpu.toml", "");
  const OwnFolders own = OwnFolders::find({folder_.path("a"), folder_.path("b")}).value();
  const auto two = own.path_or_name(Choice::load, "busy", {});
  ASSERT_FALSE(two);
  EXPECT_THAT(two.error().what, HasSubstr("a/loads/busy.toml and "));
  const auto shipped = own.path_or_name(Choice::load, "cpu", {"cpu"});
  ASSERT_FALSE(shipped);
  EXPECT_EQ(shipped.error().kind, ErrorKind::usage);
  EXPECT_THAT(shipped.error().what, HasSubstr("b/loads/cpu.toml: Loopgate has a load \"cpu\" of its own"));
}

TEST_F(OwnFoldersTest, OneThatIsNamedMustBeThere) {
  const auto found = OwnFolders::find({folder_.path("nowhere")});
  ASSERT_FALSE(found);
  EXPECT_THAT(found.error().what, HasSubstr("nowhere: is no folder"));
}

}  // namespace
}  // namespace loopgate::own_folders_test
