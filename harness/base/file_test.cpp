#include "base/file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <pwd.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <thread>
#include <vector>

#include "base/file_lock.h"
#include "base/testing/temp_folder.h"
#include "base/testing/variable.h"

namespace loopgate::file_test {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

std::size_t entries_of(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

// Until it is gone no file may grow beyond `bytes`: what a full disk looks like to the writer.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, handler_);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;

 private:
  rlimit before_{};
  void (*handler_)(int);
};

TEST(File, IsReadWhole) {
  const TempFolder folder;
  std::string bytes(200'000, 'x');
  bytes[100'000] = '\0';
  EXPECT_EQ(read_file(folder.write("long", bytes)).value(), bytes);
  EXPECT_EQ(read_file(folder.write("empty", "")).value(), "");
}

TEST(File, ThatCannotBeReadIsAnErrorOfTheKindAskedFor) {
  const TempFolder folder;
  const auto missing = read_file(folder.path() / "absent.toml", ErrorKind::usage);
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::usage);
  EXPECT_THAT(missing.error().what, HasSubstr("absent.toml: cannot be read: No such file"));
  const auto is_folder = read_file(folder.path());
  ASSERT_FALSE(is_folder);
  EXPECT_EQ(is_folder.error().kind, ErrorKind::infrastructure);
  EXPECT_THAT(is_folder.error().what, HasSubstr(folder.path().string() + ": cannot be read"));
}

TEST(File, IsReplacedWhole) {
  const TempFolder folder;
  const fs::path path = folder.write("run.json", "old and longer");
  ASSERT_TRUE(write_file_atomically(path, "new"));
  EXPECT_EQ(text_of_file(path), "new");
  EXPECT_EQ(entries_of(folder.path()), 1U) << "nothing else may stay";
}

TEST(File, ThatCannotBeWrittenIsAnErrorAndLeavesNothing) {
  const TempFolder folder;
  const auto no_folder = write_file_atomically(folder.path() / "absent" / "run.json", "x");
  ASSERT_FALSE(no_folder);
  EXPECT_EQ(no_folder.error().kind, ErrorKind::infrastructure);
  EXPECT_THAT(no_folder.error().what, HasSubstr("absent/run.json: cannot be written: No such file"));

  fs::create_directories(folder.path() / "taken" / "inner");
  EXPECT_FALSE(write_file_atomically(folder.path() / "taken", "x"));
  EXPECT_EQ(entries_of(folder.path()), 1U);
}

TEST(File, AFullDiskLeavesTheOldOneInPlace) {
  const TempFolder folder;
  const fs::path path = folder.write("outcome.json", "old");
  {
    const FileSizeLimit limit(4'096);
    const auto written = write_file_atomically(path, std::string(100'000, 'x'));
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().kind, ErrorKind::infrastructure);
    EXPECT_THAT(written.error().what, HasSubstr("outcome.json: cannot be written"));
  }
  EXPECT_EQ(text_of_file(path), "old");
  EXPECT_EQ(entries_of(folder.path()), 1U);
}

TEST(File, ALinkIsFollowedAndStays) {
  const TempFolder folder;
  const fs::path file = folder.write("real/file.json", "old");
  fs::create_symlink("real/file.json", folder.path("link"));
  fs::create_symlink("link", folder.path("link-to-link"));
  fs::create_symlink("real/new.json", folder.path("dangling"));
  ASSERT_TRUE(write_file_atomically(folder.path("link-to-link"), "new"));
  ASSERT_TRUE(write_file_atomically(folder.path("dangling"), "made"));
  EXPECT_EQ(text_of_file(file), "new");
  EXPECT_EQ(text_of_file(folder.path("real/new.json")), "made");
  for (const char* link : {"link", "link-to-link", "dangling"})
    EXPECT_TRUE(fs::is_symlink(folder.path(link))) << link;
  EXPECT_EQ(entries_of(folder.path() / "real"), 2U) << "nothing else may stay";
}

TEST(File, LinksInACircleAreAnError) {
  const TempFolder folder;
  fs::create_symlink("b", folder.path("a"));
  fs::create_symlink("a", folder.path("b"));
  EXPECT_FALSE(write_file_atomically(folder.path("a"), "x"));
  EXPECT_EQ(entries_of(folder.path()), 2U);
}

// `--json /dev/null` as root made a regular file of it.
TEST(File, ADeviceOrPipeIsWrittenInto) {
  ASSERT_TRUE(write_file_atomically("/dev/null", "x"));
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
  const auto full = write_file_atomically("/dev/full", "x");
  ASSERT_FALSE(full);
  EXPECT_THAT(full.error().what, HasSubstr("/dev/full: cannot be written: No space left"));
  EXPECT_TRUE(fs::is_character_file("/dev/full"));

  const TempFolder folder;
  ASSERT_EQ(::mkfifo(folder.path("pipe").c_str(), 0600), 0);
  const int reader = ::open(folder.path("pipe").c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_TRUE(write_file_atomically(folder.path("pipe"), "through"));
  char text[16] = {};
  EXPECT_EQ(::read(reader, text, sizeof(text)), 7);
  EXPECT_STREQ(text, "through");
  ::close(reader);
  EXPECT_TRUE(fs::is_fifo(folder.path("pipe")));
}

// In a process whose standard output is `path`, and has had "begun, " written into it: what is in it then.
std::string output_after(const fs::path& path, const std::function<Status()>& write) {
  const pid_t child = ::fork();
  if (child == 0) {
    const int out = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
    ::dup2(out, STDOUT_FILENO);
    const bool good = ::write(STDOUT_FILENO, "begun, ", 7) == 7 && write() && ::write(1, ", ended", 7) == 7;
    ::_exit(good ? 0 : 1);
  }
  int status = -1;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(status, 0);
  return text_of_file(path);
}

TEST(File, StandardOutputIsGoneOnWith) {
  const TempFolder folder;
  const fs::path out = folder.path() / "out";
  EXPECT_EQ(output_after(out, [] { return write_file_atomically("/dev/stdout", "whole"); }),
            "begun, whole, ended");
  EXPECT_EQ(output_after(out, [&] { return write_file_atomically(out, "whole"); }), "begun, whole, ended")
      << "by its own name, too";
  EXPECT_EQ(entries_of(folder.path()), 1U);
}

TEST(File, IsReadByTheSameAsBefore) {
  const TempFolder folder;
  const fs::path path = folder.write("secret.json", "old");
  fs::permissions(path, fs::perms::owner_read | fs::perms::owner_write);
  ASSERT_TRUE(write_file_atomically(path, "new"));
  EXPECT_EQ(fs::status(path).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

// Who may write into a folder of all, such as /tmp, must not lead root's writing elsewhere.
TEST(File, ALinkUnderThePartsNameLeadsNowhere) {
  const TempFolder folder;
  const fs::path victim = folder.write("victim", "untouched");
  for (int i = 0; i < 3; ++i)
    fs::create_symlink(victim, folder.path("run.json." + std::to_string(i) + ".part"));
  ASSERT_TRUE(write_file_atomically(folder.path("run.json"), "new"));
  EXPECT_EQ(text_of_file(victim), "untouched");
  EXPECT_EQ(text_of_file(folder.path("run.json")), "new");
}

TEST(File, WhatAKilledProcessLeftGoesAndWhatIsBeingWrittenStays) {
  const TempFolder folder;
  folder.write("run.json.0.part", "of a process that was killed");
  const fs::path written = folder.write("run.json.1.part", "of another container");
  const int held = ::open(written.c_str(), O_RDONLY | O_CLOEXEC);
  ASSERT_EQ(lock_open_file(held, written), LockTry::held);
  ASSERT_TRUE(write_file_atomically(folder.path("run.json"), "new"));
  EXPECT_EQ(text_of_file(written), "of another container");
  EXPECT_EQ(text_of_file(folder.path("run.json")), "new");
  EXPECT_EQ(entries_of(folder.path()), 2U);
  ::close(held);
}

// Two containers have equal process ids; here it is threads that have.
TEST(File, ManyWritersOfOneFileLeaveOneOfTheirs) {
  const TempFolder folder;
  std::vector<std::thread> writers;
  for (const char letter : {'a', 'b', 'c', 'd'})
    writers.emplace_back([&folder, letter] {
      for (int i = 0; i < 50; ++i)
        EXPECT_TRUE(write_file_atomically(folder.path("run.json"), std::string(5'000, letter)));
    });
  for (std::thread& writer : writers) writer.join();
  const std::string text = text_of_file(folder.path("run.json"));
  EXPECT_EQ(text, std::string(5'000, text.empty() ? '?' : text[0]));
  EXPECT_EQ(entries_of(folder.path()), 1U);
}

TEST(File, DirectoriesAreMadeWithTheirParents) {
  const TempFolder folder;
  EXPECT_TRUE(make_directories(folder.path() / "a" / "b"));
  EXPECT_TRUE(make_directories(folder.path() / "a" / "b")) << "again at no cost";
  EXPECT_TRUE(fs::is_directory(folder.path() / "a" / "b"));
  const auto made = make_directories(folder.write("file", "x") / "below");
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().kind, ErrorKind::infrastructure);
  EXPECT_THAT(made.error().what, HasSubstr("file/below: cannot be made"));
}

TEST(CacheDirectory, IsTheFirstThatIsNamed) {
  const Variable home("HOME", "/home/someone");
  {
    const Variable own("LOOPGATE_CACHE", "/own");
    const Variable xdg("XDG_CACHE_HOME", "/xdg");
    EXPECT_EQ(cache_directory(), "/own");
  }
  {
    const Variable own("LOOPGATE_CACHE", "");  // set and empty says nothing
    const Variable xdg("XDG_CACHE_HOME", "/xdg");
    EXPECT_EQ(cache_directory(), "/xdg/loopgate");
  }
  const Variable own("LOOPGATE_CACHE", nullptr);
  const Variable xdg("XDG_CACHE_HOME", nullptr);
  EXPECT_EQ(cache_directory(), "/home/someone/.cache/loopgate");
}

TEST(CacheDirectory, IsTheSameFromEveryWorkingDirectory) {
  const Variable home("HOME", "/home/someone");
  {
    const Variable own("LOOPGATE_CACHE", "own");
    EXPECT_EQ(cache_directory(), fs::current_path() / "own") << "which was asked for";
  }
  const Variable own("LOOPGATE_CACHE", nullptr);
  const Variable xdg("XDG_CACHE_HOME", "relative/cache");
  EXPECT_EQ(cache_directory(), "/home/someone/.cache/loopgate");
  for (const char* no_home : {static_cast<const char*>(nullptr), "", "home"}) {
    const Variable none("HOME", no_home);
    const passwd* entry = getpwuid(geteuid());
    EXPECT_EQ(cache_directory(), fs::path(entry->pw_dir) / ".cache" / "loopgate")
        << "and not /tmp, which is anybody's";
  }
}

}  // namespace
}  // namespace loopgate::file_test
