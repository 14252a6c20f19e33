#include "qemu/workplace.h"

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/testing/temp_folder.h"
#include "protocol/channel.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;

// Of a process that has been.
std::string pid_of_nobody() {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  ::waitpid(child, nullptr, 0);
  return std::to_string(child);
}

TEST(Workplace, LiesWhereTheCellSays) {
  EXPECT_EQ(Workplace::of("run/cells/a", true), Workplace::of(fs::absolute("run/cells/a"), true));
  EXPECT_NE(Workplace::of("run/cells/a", true), Workplace::of("run/cells/a", false));
  EXPECT_NE(Workplace::of("run/cells/a", true), Workplace::of("run/cells/b", true));
  const fs::path longest = fs::path("/") / std::string(200, 'x') / std::string(200, 'y');
  EXPECT_LT((Workplace::of(longest, true) / Workplace::monitor_file).string().size(), 108U);
}

TEST(Workplace, IsThereWhileItIsNeeded) {
  const TempFolder folder;
  const fs::path place = folder.path() / "loopgate-a";
  folder.write("loopgate-a/qmp", "of an earlier one");
  {
    const Workplace workplace(place);
    ASSERT_TRUE(workplace.make());
    EXPECT_EQ(fs::file_size(place / Workplace::channel_file), channel_size);
    EXPECT_FALSE(fs::exists(place / Workplace::monitor_file));
  }
  EXPECT_FALSE(fs::exists(place));
}

TEST(Workplace, WhatNobodyOwnsAnyLongerIsSweptAway) {
  const TempFolder folder;
  folder.write("loopgate-dead/owner", pid_of_nobody());
  folder.write("loopgate-alive/owner", std::to_string(::getpid()));
  folder.write("loopgate-nobodys/channel", "");
  folder.write("other-dead/owner", pid_of_nobody());
  const Workplace workplace(folder.path() / "loopgate-a");
  ASSERT_TRUE(workplace.make());
  EXPECT_FALSE(fs::exists(folder.path() / "loopgate-dead"));
  EXPECT_TRUE(fs::exists(folder.path() / "loopgate-alive"));
  EXPECT_TRUE(fs::exists(folder.path() / "loopgate-nobodys"));
  EXPECT_TRUE(fs::exists(folder.path() / "other-dead"));
}

}  // namespace
}  // namespace loopgate
