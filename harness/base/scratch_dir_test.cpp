#include "base/scratch_dir.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>

#include "base/testing/temp_folder.h"

namespace loopgate::scratch_dir_test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr const char* kind = "test";
constexpr uid_t nobody = 65534;

// A process that makes what this gives, and is killed while it has it.
template <typename Make>
void killed_with(const Make& make) {
  const pid_t child = ::fork();
  if (child == 0) {
    const auto kept = make();
    if (!kept) ::_exit(1);
    ::raise(SIGKILL);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
}

// A process that does this as another user; what it gives is its exit status.
template <typename What>
int as_nobody(const What& what) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(::setuid(nobody) == 0 ? what() : 99);
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 98;
}

class ScratchDirs : public ::testing::Test {
 protected:
  fs::path named(const std::string& name) const { return folder_.path() / (ScratchDir::prefix(kind) + name); }
  // As /tmp is.
  void let_everybody_in() const { ASSERT_EQ(::chmod(folder_.path().c_str(), 01777), 0); }

  TempFolder folder_;
  const fs::path place_ = named("0123456789ab");
};

TEST_F(ScratchDirs, AreNamedAfterTheirUserAndKind) {
  EXPECT_EQ(ScratchDir::prefix("ssh"), "loopgate-" + std::to_string(::geteuid()) + "-ssh-");
}

TEST_F(ScratchDirs, HaveANameOfTheirOwnAndAreRemovedWithWhatTheyHold) {
  fs::path first;
  {
    const auto one = ScratchDir::create(folder_.path(), kind);
    const auto other = ScratchDir::create(folder_.path(), kind);
    ASSERT_TRUE(one && other);
    first = one->path();
    EXPECT_NE(first, other->path());
    EXPECT_EQ(first.parent_path(), folder_.path());
    EXPECT_TRUE(first.filename().string().starts_with(ScratchDir::prefix(kind)));
    fs::create_directories(first / "a" / "b");
  }
  EXPECT_FALSE(fs::exists(first));
  EXPECT_TRUE(fs::is_empty(folder_.path()));
}

TEST_F(ScratchDirs, NameAParentThatIsNotThere) {
  for (const auto& made : {ScratchDir::create("/nowhere", "x"), ScratchDir::claim("/nowhere/x")}) {
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().kind, ErrorKind::infrastructure);
    EXPECT_THAT(made.error().what, HasSubstr("a temporary folder cannot be created: No such file"));
  }
}

TEST_F(ScratchDirs, AClaimedOneIsNewAndForItsUserAlone) {
  fs::create_directories(place_ / "of an earlier process");
  {
    const auto claimed = ScratchDir::claim(place_);
    ASSERT_TRUE(claimed);
    EXPECT_TRUE(fs::is_empty(place_));
    EXPECT_EQ(fs::status(place_).permissions(), fs::perms::owner_all);
  }
  EXPECT_FALSE(fs::exists(place_));
}

TEST_F(ScratchDirs, ALinkInItsPlaceLeadsNowhere) {
  const fs::path victim = folder_.write("victim/file", "untouched");
  fs::create_directory_symlink(victim.parent_path(), place_);
  const auto claimed = ScratchDir::claim(place_);
  ASSERT_FALSE(claimed);
  EXPECT_EQ(claimed.error().kind, ErrorKind::infrastructure);
  remove_abandoned(folder_.path(), kind);
  EXPECT_EQ(text_of_file(victim), "untouched");
}

TEST_F(ScratchDirs, AreRemovedOnceWhenTheyWereMoved) {
  fs::path place;
  {
    ScratchDir last(folder_.path() / "replaced");
    fs::create_directory(last.path());
    {
      auto made = ScratchDir::create(folder_.path(), kind);
      ASSERT_TRUE(made);
      place = made->path();
      last = std::move(*made);
    }
    EXPECT_TRUE(fs::exists(place));
    EXPECT_FALSE(fs::exists(folder_.path() / "replaced"));
    const ScratchDir moved(std::move(last));
    EXPECT_EQ(moved.path(), place);
    remove_abandoned(folder_.path(), kind);
    EXPECT_TRUE(fs::exists(place)) << "its lock was moved, too";
  }
  EXPECT_FALSE(fs::exists(place));
}

TEST_F(ScratchDirs, WhatIsHeldStaysAndWhatIsNobodysGoes) {
  const auto held = ScratchDir::claim(place_);
  ASSERT_TRUE(held);
  killed_with([&] { return ScratchDir::claim(named("aaaaaaaaaaaa")); });
  killed_with([&] { return ScratchDir::create(folder_.path(), kind); });
  // Of other users, and what only looks alike.
  const std::vector<std::string> gone = {"loopgate-1-test-0123456789ab", "loopgate-4294967295-test-abcdef"};
  const std::vector<std::string> kept = {"loopgate-results",      "loopgate-1-other-0123456789ab",
                                         "loopgate-test-abcdef",  "loopgate--test-abcdef",
                                         "loopgate-1-test-abc/d", "loopgate-1-test-0123456789abc",
                                         "other-1-test-abcdef",   "loopgate-1x-test-abcdef"};
  for (const auto& names : {gone, kept})
    for (const std::string& name : names) fs::create_directories(folder_.path() / name);
  folder_.write("loopgate-1-test-ffffff", "a file");
  remove_abandoned(folder_.path(), kind);
  for (const std::string& name : gone) EXPECT_FALSE(fs::exists(folder_.path(name))) << name;
  for (const std::string& name : kept) EXPECT_TRUE(fs::exists(folder_.path(name))) << name;
  EXPECT_TRUE(fs::exists(folder_.path("loopgate-1-test-ffffff")));
  EXPECT_TRUE(fs::exists(place_));
  const auto left =
      std::count_if(fs::directory_iterator(folder_.path()), fs::directory_iterator(), [](const auto& entry) {
        return entry.path().filename().string().starts_with(ScratchDir::prefix(kind));
      });
  EXPECT_EQ(left, 1);
}

// Such as a QEMU that does not end at once.
TEST_F(ScratchDirs, AProcessThatKeepsTheLockKeepsTheFolder) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  killed_with([&] {
    auto claimed = ScratchDir::claim(place_);
    if (claimed && ::fork() == 0) {
      char byte = 0;
      ::close(ends[1]);
      ::_exit(static_cast<int>(::read(ends[0], &byte, 1)));  // until this test lets go
    }
    return claimed;
  });
  remove_abandoned(folder_.path(), kind);
  EXPECT_TRUE(fs::exists(place_));
  std::thread waiting(
      [&] { EXPECT_TRUE(ScratchDir::claim(place_)) << "it is had once the other has ended"; });
  ::close(ends[0]);
  ::close(ends[1]);
  waiting.join();
}

// A sweep may find a folder between its making and its locking.
TEST_F(ScratchDirs, ASweepRacesWithNobody) {
  std::atomic<bool> over{false};
  std::thread sweeper([&] {
    while (!over) remove_abandoned(folder_.path(), kind);
  });
  for (int i = 0; i < 50; ++i) {
    const auto claimed = ScratchDir::claim(place_);
    const auto made = ScratchDir::create(folder_.path(), kind);
    ASSERT_TRUE(claimed && made);
    ASSERT_TRUE(fs::exists(claimed->path()) && fs::exists(made->path())) << i;
    std::this_thread::yield();
    ASSERT_TRUE(fs::exists(claimed->path()) && fs::exists(made->path())) << i;
  }
  over = true;
  sweeper.join();
}

TEST_F(ScratchDirs, AnotherUsersStayInSilenceAndGoWithWhoMayRemoveThem) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can be two users";
  let_everybody_in();
  killed_with([&] { return ScratchDir::claim(place_); });
  EXPECT_EQ(as_nobody([&] {
              remove_abandoned(folder_.path(), kind);
              return ScratchDir::claim(named("0123456789ab")) ? 0 : 1;  // the same cell, another name
            }),
            0);
  EXPECT_TRUE(fs::exists(place_)) << "nobody may not remove root's";
  killed_with([&] {
    EXPECT_EQ(::setuid(nobody), 0);
    return ScratchDir::claim(named("0123456789ab"));
  });
  EXPECT_TRUE(fs::exists(folder_.path("loopgate-65534-test-0123456789ab")));
  remove_abandoned(folder_.path(), kind);
  EXPECT_TRUE(fs::is_empty(folder_.path())) << "root may remove both";
}

}  // namespace
}  // namespace loopgate::scratch_dir_test
