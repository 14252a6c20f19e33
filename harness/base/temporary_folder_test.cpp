#include "base/temporary_folder.h"

#include <gmock/gmock.h>

#include <cstdlib>

namespace loopgate::temporary_folder_test {
namespace {

TEST(TemporaryFolder, ThatIsNoneIsTheUsersMistake) {
  const char* before = std::getenv("TMPDIR");
  const std::string kept = before == nullptr ? "" : before;
  ::setenv("TMPDIR", "/proc/none", 1);
  const auto none = temporary_folder();
  ::setenv("TMPDIR", "/proc", 1);
  const auto there = temporary_folder();
  before == nullptr ? ::unsetenv("TMPDIR") : ::setenv("TMPDIR", kept.c_str(), 1);
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::usage);
  ASSERT_TRUE(there);
  EXPECT_EQ(*there, "/proc");
}

}  // namespace
}  // namespace loopgate::temporary_folder_test
