#include <gmock/gmock.h>

#include "record/testing/recorded_run.h"
#include "stats/stats_run.h"

namespace loopgate::cell_files_contradict_test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::RecordedRun;
using testing::ScratchFolder;
using testing::write_run;

// Whatever the digests say: a console is not among those that an earlier version bound.
TEST(RunStatistics, AMeasuredCellWhoseConsoleHasAPanicIsInvalid) {
  ScratchFolder scratch;
  RecordedRun run;
  run.cells = {{"generic", "mixed", {1'000, 2'000}}, {"rt", "mixed", {1'000, 3'000}}};
  write_run(scratch.path(), run);
  const auto invalid = [&] { return find_group(*run_statistics(scratch.path()), "rt", "mixed")->invalid; };
  EXPECT_THAT(invalid(), IsEmpty());
  testing::write_text(scratch.path() / "cells/rt.mixed/console.log",
                      "[    1.0] Kernel panic - not syncing: Attempted to kill init! exitcode=0x0000000b\n");
  ASSERT_EQ(invalid().size(), 1U);
  EXPECT_EQ(invalid().front().outcome, "invalid");
  EXPECT_THAT(
      invalid().front().reason,
      HasSubstr(
          "cells/rt.mixed: contradicts itself: it is measured, and by console.log the kernel panicked"));
}

}  // namespace
}  // namespace loopgate::cell_files_contradict_test
