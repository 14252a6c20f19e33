#include "machine/cpio_archive.h"

#include <gmock/gmock.h>

#include "machine/board/board_folder.h"
#include "machine/board/testing/fake_board.h"

namespace loopgate {
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

TEST(ProgramsOf, AJobAreThoseThatItStarts) {
  const auto programs = programs_of(
      R"({"payload":{"argv":["/bin/responder","-v"]},"load":{"parts":[{"argv":["stress-ng","--cpu","1"]},
          {"argv":["stress-ng"]}]},"instrument":{"check_argv":["/bin/loopback","check"],"argv":["/bin/loopback"]}})");
  ASSERT_TRUE(programs);
  EXPECT_THAT(*programs, ElementsAre("bin/responder", "bin/loopback", "bin/stress-ng"));
  EXPECT_TRUE(programs_of("{}")->empty());
  EXPECT_TRUE(programs_of(R"({"payload":7,"load":{"parts":[3]}})")->empty());
  EXPECT_FALSE(programs_of("[]"));
  EXPECT_FALSE(programs_of(""));
}

}  // namespace
}  // namespace loopgate
