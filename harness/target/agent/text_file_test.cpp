#include "target/agent/text_file.h"

#include <gmock/gmock.h>

#include "base/testing/temp_folder.h"

namespace loopgate::text_file_test {
namespace {

using ::testing::HasSubstr;

TEST(TextFile, ReadsWholeFilesOfUnknownSize) {
  const auto status = read_text("/proc/self/status");
  ASSERT_TRUE(status);
  EXPECT_THAT(*status, HasSubstr("voluntary_ctxt_switches"));
}

TEST(TextFile, NamesTheFileThatIsMissing) {
  const auto text = read_text("/nowhere/at/all");
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().what, "/nowhere/at/all: cannot be read: No such file or directory");
}

TEST(TextFile, WritesOnlyWhatIsThere) {
  const TempFolder scratch;
  EXPECT_FALSE(write_text(scratch.path("new"), "1"));
  const std::string old = scratch.write("old", "a longer text");
  ASSERT_TRUE(write_text(old, "1"));
  EXPECT_EQ(*read_text(old), "1");
}

TEST(TextFile, FindsEnds) {
  EXPECT_EQ(without_end("a b \n\n"), "a b");
  EXPECT_EQ(without_end(" \n"), "");
  EXPECT_EQ(tail_of("abcdef", 2), "ef");
  EXPECT_EQ(tail_of("abc", 9), "abc");
}

}  // namespace
}  // namespace loopgate::text_file_test
