#include "base/file_lock.h"

#include <gmock/gmock.h>

#include <thread>

#include "base/testing/temp_folder.h"

namespace loopgate::file_lock_test {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Clock = std::chrono::steady_clock;

constexpr milliseconds ample{20'000};

class FileLocks : public ::testing::Test {
 protected:
  FileLock::Patience patience(milliseconds limit, milliseconds quiet) {
    return {limit, quiet, [this](const std::string& line) { told_.push_back(line); }};
  }

  TempFolder folder_;
  std::filesystem::path file_ = folder_.path() / "state.lock";
  std::vector<std::string> told_;
};

TEST_F(FileLocks, AFreeOneIsTakenAtOnceAndInSilence) {
  EXPECT_TRUE(FileLock::wait_for(file_, patience(milliseconds(0), milliseconds(0))));
  EXPECT_TRUE(std::filesystem::exists(file_));
  EXPECT_THAT(told_, IsEmpty());
}

TEST_F(FileLocks, OneThatIsNeverGivenBackIsWaitedForNoLongerThanTheLimit) {
  const auto held = FileLock::take(folder_.write("state.lock", ""));
  ASSERT_TRUE(held);
  const auto start = Clock::now();
  const auto lock = FileLock::wait_for(file_, patience(milliseconds(300), milliseconds(50)));
  EXPECT_GE(Clock::now() - start, milliseconds(300));
  EXPECT_LT(Clock::now() - start, milliseconds(5'000));
  ASSERT_FALSE(lock);
  EXPECT_EQ(lock.error().kind, ErrorKind::infrastructure);
  EXPECT_THAT(lock.error().what, HasSubstr("state.lock was not given back within 0.3 s"));
  ASSERT_EQ(told_.size(), 1U) << "once";
  EXPECT_THAT(told_[0], HasSubstr("waiting for " + file_.string()));
}

TEST_F(FileLocks, IsHadOnceTheOtherGivesItBack) {
  std::optional<FileLock> held;
  if (auto lock = FileLock::take(folder_.write("state.lock", ""))) held.emplace(std::move(*lock));
  ASSERT_TRUE(held);
  std::thread other([&] {
    std::this_thread::sleep_for(milliseconds(50));
    held.reset();
  });
  const auto lock = FileLock::wait_for(file_, {ample, ample});
  other.join();
  EXPECT_TRUE(lock);
  EXPECT_FALSE(FileLock::take(file_));
}

TEST_F(FileLocks, WhatIsInUseIsTheUsersToDecide) {
  const auto held = FileLock::take(folder_.path());
  ASSERT_TRUE(held);
  const auto second = FileLock::take(folder_.path());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().kind, ErrorKind::usage);
  EXPECT_THAT(second.error().what, HasSubstr("is in use by another loopgate"));
}

TEST_F(FileLocks, AFolderIsTriedAndNeverWaitedFor) {
  const auto tried = [](const std::filesystem::path& path) {
    const auto lock = FileLock::try_folder(path);
    return lock && *lock;
  };
  EXPECT_TRUE(tried(folder_.path()));
  EXPECT_TRUE(tried(folder_.path())) << "given back";
  const auto held = FileLock::take(folder_.path());
  EXPECT_FALSE(tried(folder_.path()));
  EXPECT_TRUE(FileLock::try_folder(folder_.path() / "absent")) << "nothing to lock is no error";
  EXPECT_FALSE(tried(folder_.path() / "absent"));
  std::filesystem::create_directory_symlink("/", folder_.path() / "link");
  EXPECT_FALSE(FileLock::try_folder(folder_.path() / "link"));
  EXPECT_FALSE(FileLock::try_folder(folder_.write("file", "")));
}

// Whoever waited for it would hold nobody off who comes later.
TEST_F(FileLocks, AFileThatWasRemovedMeanwhileIsMadeAnew) {
  std::optional<FileLock> held;
  if (auto lock = FileLock::take(folder_.write("state.lock", ""))) held.emplace(std::move(*lock));
  std::thread other([&] {
    std::this_thread::sleep_for(milliseconds(30));
    std::filesystem::remove(file_);
    held.reset();
  });
  const auto lock = FileLock::wait_for(file_, {ample, ample});
  other.join();
  ASSERT_TRUE(lock);
  EXPECT_TRUE(std::filesystem::exists(file_));
  EXPECT_FALSE(FileLock::take(file_));
}

TEST_F(FileLocks, WhatCannotBeOpenedIsNamed) {
  const auto lock = FileLock::wait_for(folder_.path() / "absent" / "x.lock", {ample, ample});
  ASSERT_FALSE(lock);
  EXPECT_EQ(lock.error().kind, ErrorKind::infrastructure);
  EXPECT_THAT(lock.error().what, HasSubstr("absent/x.lock: cannot be locked: No such file"));
}

}  // namespace
}  // namespace loopgate::file_lock_test
