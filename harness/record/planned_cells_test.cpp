#include "record/planned_cells.h"

#include <gmock/gmock.h>

#include "base/testing/temp_folder.h"

namespace loopgate {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(CellsBeside, AreThoseThatRunJsonDoesNotName) {
  const TempFolder folder;
  RunRecord run;
  for (const char* name : {"generic.idle", "generic.mixed"}) {
    run.cells.emplace_back().name = name;
    std::filesystem::create_directories(folder.path() / "cells" / name);
  }
  EXPECT_THAT(cells_beside(run, folder.path()), IsEmpty());
  std::filesystem::create_directories(folder.path() / "cells" / "preempt-rt.mixed");
  std::filesystem::create_directories(folder.path() / "cells" / "generic.mixed.2");
  EXPECT_THAT(cells_beside(run, folder.path()), ElementsAre("generic.mixed.2", "preempt-rt.mixed"));
}

TEST(CellsBeside, OfARunThatIsNotMeasuredYetAreNone) {
  const TempFolder folder;
  EXPECT_THAT(cells_beside({}, folder.path()), IsEmpty());
}

}  // namespace
}  // namespace loopgate
