#include "base/scratch_dir.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/testing/temp_folder.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

std::string pid_of_an_ended_process() {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  ::waitpid(child, nullptr, 0);
  return std::to_string(child);
}

TEST(ScratchDir, HasANameOfItsOwnAndIsRemovedWithWhatItHolds) {
  const TempFolder folder;
  fs::path first;
  {
    const auto one = ScratchDir::create(folder.path(), "cell-");
    const auto other = ScratchDir::create(folder.path(), "cell-");
    ASSERT_TRUE(one && other);
    first = one->path();
    EXPECT_NE(first, other->path());
    EXPECT_EQ(first.parent_path(), folder.path());
    EXPECT_TRUE(first.filename().string().starts_with("cell-"));
    fs::create_directories(first / "a" / "b");
  }
  EXPECT_FALSE(fs::exists(first));
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(ScratchDir, NamesAParentThatIsNotThere) {
  const auto made = ScratchDir::create("/nowhere", "x");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, ErrorKind::infrastructure);
  EXPECT_THAT(made.error().what, ::testing::StartsWith("/nowhere: a temporary folder cannot be created: "));
}

TEST(ScratchDir, AClaimedFolderIsEmptyAndNamesItsOwner) {
  const TempFolder folder;
  folder.write("a/old", "of an earlier process");
  {
    const auto claimed = ScratchDir::claim(folder.path() / "a");
    ASSERT_TRUE(claimed);
    EXPECT_FALSE(fs::exists(claimed->path() / "old"));
    EXPECT_EQ(text_of_file(claimed->path() / "owner"), std::to_string(::getpid()));
  }
  EXPECT_FALSE(fs::exists(folder.path() / "a"));
}

TEST(ScratchDir, IsRemovedOnceWhenItWasMoved) {
  const TempFolder folder;
  fs::path place;
  {
    ScratchDir last(folder.path() / "replaced");
    fs::create_directory(last.path());
    {
      auto made = ScratchDir::create(folder.path(), "x");
      ASSERT_TRUE(made);
      place = made->path();
      last = std::move(*made);
    }
    EXPECT_TRUE(fs::exists(place));
    EXPECT_FALSE(fs::exists(folder.path() / "replaced"));
    const ScratchDir moved(std::move(last));
    EXPECT_EQ(moved.path(), place);
  }
  EXPECT_FALSE(fs::exists(place));
}

TEST(RemoveAbandoned, LeavesWhatALivingProcessOwnsAndWhatIsNotOurs) {
  const TempFolder folder;
  folder.write("loopgate-dead/owner", pid_of_an_ended_process());
  folder.write("loopgate-alive/owner", std::to_string(::getpid()));
  folder.write("loopgate-unowned/channel", "");
  folder.write("loopgate-damaged/owner", "no number");
  folder.write("other-dead/owner", pid_of_an_ended_process());
  remove_abandoned(folder.path(), "loopgate-");
  EXPECT_FALSE(fs::exists(folder.path() / "loopgate-dead"));
  EXPECT_TRUE(fs::exists(folder.path() / "loopgate-alive"));
  EXPECT_TRUE(fs::exists(folder.path() / "loopgate-unowned"));
  EXPECT_TRUE(fs::exists(folder.path() / "loopgate-damaged"));
  EXPECT_TRUE(fs::exists(folder.path() / "other-dead"));
}

}  // namespace
}  // namespace loopgate
