#include "explain/choose_path_cells.h"

#include <gmock/gmock.h>

namespace loopgate::choose_path_cells_test {
namespace {

using ::testing::HasSubstr;

RunRecord run_of(const std::vector<std::string>& kernels) {
  RunRecord run;
  for (const std::string& kernel : kernels) {
    KernelInput input;
    input.name = kernel;
    run.kernels.push_back(input);
  }
  for (const char* load : {"idle", "mixed"}) {
    for (const std::string& kernel : kernels) {
      run.cells.push_back({kernel + "." + load, kernel, load, 1, 0, ""});
      run.cells.push_back({kernel + "." + load + ".2", kernel, load, 2, 0, ""});
    }
  }
  return run;
}

TEST(PathCells, AKernelIsItsFirstCellAndTheOtherHasTheSameLoad) {
  const RunRecord run = run_of({"generic", "preempt-rt"});
  auto found = with_path_cells({.kernel = "preempt-rt", .against = "generic"}, run);
  ASSERT_TRUE(found) << found.error().what;
  EXPECT_EQ(found->cell, "preempt-rt.idle");
  EXPECT_EQ(found->against, "generic.idle");
  found = with_path_cells({.kernel = "preempt-rt", .load = "mixed", .against = "generic"}, run);
  EXPECT_EQ(found->cell, "preempt-rt.mixed");
  EXPECT_EQ(found->against, "generic.mixed");
  found = with_path_cells({.cell = "generic.idle.2", .against = "preempt-rt"}, run);
  EXPECT_EQ(found->against, "preempt-rt.idle.2");
  found = with_path_cells({.cell = "generic.idle", .against = "generic.mixed.2"}, run);
  EXPECT_EQ(found->against, "generic.mixed.2") << "any cell, by its name";
}

TEST(PathCells, TheKernelIsSaidWhereThereAreSeveral) {
  EXPECT_EQ(with_path_cells({}, run_of({"generic"}))->cell, "generic.idle");
  const auto refused = with_path_cells({}, run_of({"generic", "preempt-rt"}));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::usage);
  EXPECT_THAT(refused.error().next_step, HasSubstr("generic, preempt-rt"));
}

TEST(PathCells, WhatIsNotThereOrContradictsItselfIsRefused) {
  const RunRecord run = run_of({"generic", "preempt-rt"});
  EXPECT_THAT(with_path_cells({.kernel = "other"}, run).error().what, HasSubstr("no kernel other"));
  EXPECT_THAT(with_path_cells({.kernel = "generic", .load = "storm"}, run).error().what,
              HasSubstr("no cell of generic under storm"));
  EXPECT_THAT(with_path_cells({.cell = "generic.idle", .kernel = "generic"}, run).error().what,
              HasSubstr("--cell names a replicate"));
  EXPECT_THAT(with_path_cells({.kernel = "generic", .against = "generic"}, run).error().what,
              HasSubstr("the explained cell itself"));
}

}  // namespace
}  // namespace loopgate::choose_path_cells_test
