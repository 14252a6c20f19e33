#include "qemu/qemu_scratch.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/testing/temp_folder.h"
#include "protocol/channel.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

std::string pid_that_has_ended() {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  ::waitpid(child, nullptr, 0);
  return std::to_string(child);
}

TEST(QemuScratch, LiesWhereTheCellSays) {
  EXPECT_EQ(QemuScratch::path_of("run/cells/a", true),
            QemuScratch::path_of(fs::absolute("run/cells/a"), true));
  EXPECT_NE(QemuScratch::path_of("run/cells/a", true), QemuScratch::path_of("run/cells/a", false));
  EXPECT_NE(QemuScratch::path_of("run/cells/a", true), QemuScratch::path_of("run/cells/b", true));
  const fs::path longest = fs::path("/") / std::string(200, 'x') / std::string(200, 'y');
  EXPECT_LT((QemuScratch::path_of(longest, true) / QemuScratch::monitor_file).string().size(), 108U);
}

TEST(QemuScratch, IsThereWhileItIsNeeded) {
  const TempFolder folder;
  const fs::path place = folder.path() / "loopgate-a";
  folder.write("loopgate-a/qmp", "of an earlier one");
  {
    const auto scratch = QemuScratch::make(place);
    ASSERT_TRUE(scratch);
    EXPECT_EQ(fs::file_size(place / QemuScratch::channel_file), channel_size);
    EXPECT_FALSE(fs::exists(place / QemuScratch::monitor_file));
  }
  EXPECT_FALSE(fs::exists(place));
}

TEST(QemuScratch, RemovesThoseWhoseProcessHasEnded) {
  const TempFolder folder;
  folder.write("loopgate-dead/owner", pid_that_has_ended());
  folder.write("loopgate-alive/owner", std::to_string(::getpid()));
  folder.write("loopgate-without-owner/channel", "");
  folder.write("other-dead/owner", pid_that_has_ended());
  ASSERT_TRUE(QemuScratch::make(folder.path() / "loopgate-a"));
  EXPECT_FALSE(fs::exists(folder.path() / "loopgate-dead"));
  EXPECT_TRUE(fs::exists(folder.path() / "loopgate-alive"));
  EXPECT_TRUE(fs::exists(folder.path() / "loopgate-without-owner"));
  EXPECT_TRUE(fs::exists(folder.path() / "other-dead"));
}

}  // namespace
}  // namespace loopgate
