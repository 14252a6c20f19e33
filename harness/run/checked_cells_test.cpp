#include "run/checked_cells.h"

#include "qemu/restored_run.h"
#include "run/testing/merge_fixture.h"
#include "stats/stats_run.h"

namespace loopgate::checked_cells_test {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class CheckedCells : public MergeTest {};

TEST_F(CheckedCells, FindsMachinesThatDoNotRepeatEachOther) {
  EXPECT_EQ(measure("1/3", "1"), "");
  EXPECT_EQ(measure("3/3", "3"), "");
  act_ = [](const CellRequest& request) { return measured(request, {7'777, 0, 0}); };
  EXPECT_EQ(measure("2/3", "2"), "");
  const auto merged = merge();
  ASSERT_TRUE(merged) << merged.error().what;
  EXPECT_FALSE(merged->all_measured);
  EXPECT_EQ(merged->compared, 2U);
  // The first two share a cell, the first and the third another one.
  const std::string shared = shard(2).checked.front();
  EXPECT_THAT(merged->unequal,
              ElementsAre(AllOf(StartsWith("shard 1 of 3 ("), HasSubstr(" and shard 2 of 3 ("),
                                HasSubstr(" measured " + shared + ", and they gave unequal samples: "),
                                HasSubstr("response_ns is"))));
  EXPECT_TRUE(fs::exists(out() / "cells" / shared / "again" / "samples.lgs"));
  EXPECT_EQ(summary_of(*merged), "3 shards of 8 cells; 2 cells were measured by two shards, and 1 unequal");
  const RunRecord run = read_run_record(out()).value();
  for (const DescribedCell& cell : run.cells) {
    const auto outcome = read_outcome(out() / "cells" / cell.name, run, cell);
    const auto in = [&](int index) {
      const std::vector<std::string> cells = shard(index).cells;
      return std::ranges::find(cells, cell.name) != cells.end();
    };
    EXPECT_EQ(outcome->kind, in(1) || in(2) ? OutcomeKind::invalid : OutcomeKind::measured) << cell.name;
  }
}

TEST_F(CheckedCells, OfTwoThatMeasuredACellOneThatCouldNotStands) {
  measure_three();
  const std::string shared = shard(2).checked.front();
  fs::remove_all(folder_.path() / "2" / "cells" / shared);
  act_ = [](const CellRequest&) -> Result<MachineRun> {
    return fail(ErrorKind::infrastructure, "QEMU was killed");
  };
  EXPECT_EQ(measure("2/3", "2", true), "");
  const auto merged = merge();
  ASSERT_TRUE(merged) << merged.error().what;
  EXPECT_FALSE(merged->all_measured);
  EXPECT_THAT(merged->unequal, IsEmpty());
  EXPECT_THAT(text_in("whole/run/cells/" + shared + "/outcome.json"), HasSubstr("QEMU was killed"));
  EXPECT_EQ(merged->compared, 1U);
  EXPECT_EQ(merged->uncompared, 1U);
  EXPECT_EQ(summary_of(*merged),
            "3 shards of 8 cells; 1 cell was measured by two shards, and its measurements are equal to the "
            "byte; 1 cell could not be compared: one of two shards could not measure it");
  EXPECT_THAT(measure("", "whole/run", true), HasSubstr("is a merged run, which is not gone on with"));
}

TEST_F(CheckedCells, AKernelThatFailedInAShardFailsTheWhole) {
  act_ = [](const CellRequest& request) -> Result<MachineRun> {
    if (request.cell == "generic.storm") return fail(ErrorKind::kernel, "the kernel hung");
    return repeatable(request);
  };
  measure_three();
  const auto merged = merge();
  ASSERT_TRUE(merged) << merged.error().what;
  EXPECT_TRUE(merged->kernel_failed);
  EXPECT_THAT(merged->unequal, IsEmpty()) << "where both machines saw it fail";
}

TEST_F(CheckedCells, KernelsThatFailedInTwoWaysAreUnequal) {
  const std::string shared = shard(2).checked.front();
  const auto fail_with = [&](const std::string& why) {
    act_ = [=](const CellRequest& request) -> Result<MachineRun> {
      if (request.cell == shared) return fail(ErrorKind::kernel, why);
      return repeatable(request);
    };
  };
  fail_with("the kernel hung");
  measure_three();
  fail_with("the kernel panicked");
  fs::remove_all(folder_.path() / "2");
  EXPECT_EQ(measure("2/3", "2"), "");
  const auto merged = merge();
  ASSERT_TRUE(merged) << merged.error().what;
  EXPECT_THAT(merged->unequal, ElementsAre(HasSubstr("one came to kernel_failed (the kernel hung), the other "
                                                     "to kernel_failed (the kernel panicked)")));
  EXPECT_FALSE(merged->kernel_failed) << "nobody knows which machine errs";
}

TEST_F(CheckedCells, AStateThatOneHostHadKeptIsNoDifferenceOfTheKernel) {
  const std::string shared = shard(2).checked.front();
  act_ = [&](const CellRequest& request) -> Result<MachineRun> {
    if (request.cell != shared) return repeatable(request);
    const bool again = request.folder.string().find("/2/cells/") != std::string::npos;
    return fail(ErrorKind::kernel, "the kernel hung" + std::string(again ? failed_from_both : ""));
  };
  measure_three();
  const auto merged = merge();
  ASSERT_TRUE(merged) << merged.error().what;
  EXPECT_THAT(merged->unequal, IsEmpty());
  EXPECT_TRUE(merged->kernel_failed);
}

}  // namespace
}  // namespace loopgate::checked_cells_test
