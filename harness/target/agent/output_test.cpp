#include "target/output.h"

#include <gmock/gmock.h>
#include <sys/wait.h>

#include "base/testing/temp_folder.h"

namespace loopgate::output_test {
namespace {

namespace fs = std::filesystem;

// A program that prints one line and ends with `status`, started with its standard output as `set_up` makes
// it.
template <class SetUp>
int ended_with(int status, const SetUp& set_up) {
  const pid_t child = ::fork();
  if (child == 0) {
    set_up();
    ::_exit(target::run_main("test", [&] {
      std::puts("an answer");
      return status;
    }));
  }
  int seen = 0;
  ::waitpid(child, &seen, 0);
  return WIFEXITED(seen) ? WEXITSTATUS(seen) : 256;
}

void into(const char* device) {
  const int fd = ::open(device, O_WRONLY | O_CLOEXEC);
  ::dup2(fd, STDOUT_FILENO);
  ::close(fd);
}

TEST(TargetProgram, WhoseAnswerIsLostDoesNotEndWithZero) {
  EXPECT_EQ(ended_with(0, [] { into("/dev/null"); }), 0);
  EXPECT_EQ(ended_with(0, [] { into("/dev/full"); }), target::exit_broken);
  EXPECT_EQ(ended_with(0, [] { ::close(STDOUT_FILENO); }), target::exit_broken);
  EXPECT_EQ(ended_with(3, [] { into("/dev/full"); }), 3) << "its own reason is the first";
}

TEST(TargetProgram, NoFileGetsTheNumberOfAStandardStream) {
  const TempFolder folder;
  const std::string path = folder.path("report.json");
  const pid_t child = ::fork();
  if (child == 0) {
    for (const int fd : {0, 1, 2}) ::close(fd);
    ::_exit(target::run_main("test", [&] {
      const bool written = target::write_whole(path, "whole");
      std::puts("printed");
      std::fputs("told", stderr);
      return written ? 0 : 1;
    }));
  }
  ::waitpid(child, nullptr, 0);
  EXPECT_EQ(text_of_file(path), "whole");
}

TEST(TargetFile, IsWrittenWholeOrNotAtAll) {
  const TempFolder folder;
  const fs::path path = folder.write("check.json", "old");
  EXPECT_TRUE(target::write_whole(path, "new"));
  EXPECT_EQ(text_of_file(path), "new");
  fs::create_directory(folder.path("folder"));
  EXPECT_FALSE(target::write_whole(folder.path("folder"), "new"));
  EXPECT_TRUE(fs::is_directory(folder.path("folder")));
  EXPECT_FALSE(target::write_whole(folder.path("nowhere/check.json"), "new"));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), 2);
}

TEST(TargetFile, ALinkIsFollowedAndADeviceWrittenInto) {
  const TempFolder folder;
  const fs::path file = folder.write("real.json", "old");
  fs::create_symlink("real.json", folder.path("link.json"));
  EXPECT_TRUE(target::write_whole(folder.path("link.json"), "new"));
  EXPECT_EQ(text_of_file(file), "new");
  EXPECT_TRUE(fs::is_symlink(folder.path("link.json")));
  EXPECT_TRUE(target::write_whole("/dev/null", "x"));
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  EXPECT_FALSE(target::write_whole("/dev/full", "x"));
  EXPECT_EQ(errno, ENOSPC);
  EXPECT_TRUE(fs::is_character_file("/dev/full"));
}

}  // namespace
}  // namespace loopgate::output_test
