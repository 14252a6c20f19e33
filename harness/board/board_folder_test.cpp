#include "board/board_folder.h"

#include <gmock/gmock.h>

#include "kernel/testing/cpio.h"

namespace loopgate {
namespace {

using ::testing::ElementsAre;

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
