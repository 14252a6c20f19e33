#include "qemu/qemu_scratch.h"

#include <gmock/gmock.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/testing/temp_folder.h"
#include "base/testing/variable.h"
#include "protocol/channel.h"

namespace loopgate::qemu_scratch_test {
namespace {

namespace fs = std::filesystem;

TEST(QemuScratch, LiesWhereTheCellSays) {
  EXPECT_EQ(QemuScratch::path_of("run/cells/a", true),
            QemuScratch::path_of(fs::absolute("run/cells/a"), true));
  EXPECT_NE(QemuScratch::path_of("run/cells/a", true), QemuScratch::path_of("run/cells/a", false));
  EXPECT_NE(QemuScratch::path_of("run/cells/a", true), QemuScratch::path_of("run/cells/b", true));
  const fs::path longest = fs::path("/") / std::string(200, 'x') / std::string(200, 'y');
  const Variable elsewhere("TMPDIR", longest.c_str());
  EXPECT_LT((QemuScratch::path_of(longest, true) / QemuScratch::monitor_file).string().size(), 108U);
}

TEST(QemuScratch, EachContainerHasItsOwn) {
  const fs::path here = QemuScratch::path_of("/run/cells/a", true);
  const pid_t child = ::fork();
  if (child == 0) {
    if (::unshare(CLONE_NEWNS) != 0) ::_exit(2);
    ::_exit(QemuScratch::path_of("/run/cells/a", true) == here ? 1 : 0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  if (WEXITSTATUS(status) == 2) GTEST_SKIP() << "a mount namespace cannot be made here";
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(QemuScratch, IsThereWhileItIsNeeded) {
  const TempFolder folder;
  const std::string name = ScratchDir::prefix(QemuScratch::kind) + "0123456789ab";
  const fs::path place = folder.path() / name;
  folder.write(name + "/qmp", "of an earlier one");
  {
    const auto scratch = QemuScratch::make(place, small_channel);
    ASSERT_TRUE(scratch);
    EXPECT_EQ(fs::file_size(place / QemuScratch::channel_file), small_channel.size);
    EXPECT_FALSE(fs::exists(place / QemuScratch::monitor_file));
  }
  EXPECT_FALSE(fs::exists(place));
}

TEST(QemuScratch, RemovesThoseThatNobodyHolds) {
  const TempFolder folder;
  const fs::path dead = folder.path() / "loopgate-7-qemu-0123456789ab";
  fs::create_directory(dead);
  const fs::path alive = folder.path() / (ScratchDir::prefix(QemuScratch::kind) + "aaaaaaaaaaaa");
  const auto held = ScratchDir::claim(alive);
  ASSERT_TRUE(held);
  ASSERT_TRUE(QemuScratch::make(folder.path() / (ScratchDir::prefix(QemuScratch::kind) + "bbbbbbbbbbbb"),
                                small_channel));
  EXPECT_FALSE(fs::exists(dead));
  EXPECT_TRUE(fs::exists(alive));
}

}  // namespace
}  // namespace loopgate::qemu_scratch_test
