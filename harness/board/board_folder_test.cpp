#include "board/board_folder.h"

#include <gmock/gmock.h>

#include "kernel/testing/cpio.h"

namespace loopgate::board_folder_test {
namespace {

using ::testing::ElementsAre;

TEST(ProgramsOf, AJobAreThoseThatItStarts) {
  Job job;
  EXPECT_TRUE(programs_of(job).empty());
  job.payload.argv = {"/bin/responder", "-v"};
  job.parts.resize(2);
  job.parts[0].argv = {"stress-ng", "--cpu", "1"};
  job.parts[1].argv = {"stress-ng"};
  job.instrument.emplace();
  job.instrument->check_argv = {"/bin/loopback", "check"};
  job.instrument->argv = {"/bin/loopback"};
  EXPECT_THAT(programs_of(job), ElementsAre("bin/responder", "bin/loopback", "bin/stress-ng"));
  job = {};
  job.programs.resize(2);
  job.programs[0].argv = {"cyclictest", "-q"};
  job.programs[1].argv = {"primitives", "null-call"};
  EXPECT_THAT(programs_of(job), ElementsAre("bin/cyclictest", "bin/primitives"));
}

}  // namespace
}  // namespace loopgate::board_folder_test
