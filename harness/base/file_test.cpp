#include "base/file.h"

#include <gmock/gmock.h>
#include <signal.h>
#include <sys/resource.h>

#include <cstdlib>
#include <optional>

#include "base/testing/temp_folder.h"

namespace loopgate {
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

class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) {
    if (const char* old = std::getenv(name); old != nullptr) before_ = old;
    if (value != nullptr) {
      ::setenv(name, value, 1);
    } else {
      ::unsetenv(name);
    }
  }
  ~Variable() {
    if (before_) {
      ::setenv(name_, before_->c_str(), 1);
    } else {
      ::unsetenv(name_);
    }
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;

 private:
  const char* name_;
  std::optional<std::string> before_;
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

}  // namespace
}  // namespace loopgate
