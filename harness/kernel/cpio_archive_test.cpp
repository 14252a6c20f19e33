#include "kernel/cpio_archive.h"

#include <gmock/gmock.h>

#include "kernel/testing/cpio.h"

namespace loopgate::cpio_archive_test {
namespace {

using ::testing::ElementsAre;

TEST(CpioArchive, IsReadThroughSeveral) {
  const std::string archive = cpio_member("bin", "", 0040755) + cpio_member("bin/a", "first") + cpio_end() +
                              cpio_member("init", std::string("se\0cond", 7)) + cpio_end();
  const auto members = read_cpio(archive);
  ASSERT_TRUE(members) << members.error().what;
  ASSERT_EQ(members->size(), 3U);
  EXPECT_EQ((*members)[1].name, "bin/a");
  EXPECT_EQ((*members)[1].bytes, "first");
  EXPECT_EQ((*members)[1].mode, 0100755U);
  EXPECT_EQ((*members)[2].bytes, std::string_view("se\0cond", 7));
  EXPECT_TRUE(read_cpio("")->empty());
}

TEST(CpioArchive, ThatIsDamagedIsRefused) {
  const std::string archive = cpio_member("bin/a", "content");
  for (std::size_t size = 1; size + 1 < archive.size(); ++size) {
    const auto refused = read_cpio(archive.substr(0, size));
    ASSERT_FALSE(refused) << size;
    EXPECT_EQ(refused.error().kind, ErrorKind::data);
  }
  std::string altered = archive;
  altered[60] = 'x';
  EXPECT_FALSE(read_cpio(altered));
  EXPECT_FALSE(read_cpio("what is this"));
}

}  // namespace
}  // namespace loopgate::cpio_archive_test
