#include "stats/within_run.h"

#include <gtest/gtest.h>

namespace loopgate {
namespace {

TEST(WithinRun, NamesFilesAsTheRunHasThem) {
  EXPECT_EQ(within_run("/home/u/r/cells/g/outcome.json: is gone", "/home/u/r"),
            "cells/g/outcome.json: is gone");
  EXPECT_EQ(within_run("r/cells/g: \"r/cells/g/samples.lgs\" was altered", "r"),
            "cells/g: \"cells/g/samples.lgs\" was altered");
  EXPECT_EQ(within_run("r/run.json: is not r/cells", "r/"), "run.json: is not cells");
}

TEST(WithinRun, LeavesOtherNamesAlone) {
  EXPECT_EQ(within_run("s/cells/g/samples.lgs: is gone", "s"), "cells/g/samples.lgs: is gone");
  EXPECT_EQ(within_run("../a/b and ./cells/g", "."), "../a/b and cells/g");
  EXPECT_EQ(within_run("/run/user/1: no socket; run/cells/g: is gone", "run"),
            "/run/user/1: no socket; cells/g: is gone");
  EXPECT_EQ(within_run("other/r/cells/g", "r"), "other/r/cells/g");
}

// Of a folder of no name nothing can be told apart.
TEST(WithinRun, EndsWhateverTheFolder) {
  EXPECT_EQ(within_run("/cells/g: is gone", "/"), "cells/g: is gone");
  EXPECT_EQ(within_run("/a//b", "/"), "a//b");
  EXPECT_EQ(within_run("", "r"), "");
  EXPECT_EQ(within_run("cells/g", ""), "cells/g");
}

}  // namespace
}  // namespace loopgate
