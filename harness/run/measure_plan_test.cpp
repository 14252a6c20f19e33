#include "run/measure_plan.h"

#include <gmock/gmock.h>

#include <cstdio>
#include <map>
#include <mutex>

#include "base/testing/temp_folder.h"
#include "record/outcome.h"
#include "run/testing/fake_machine.h"

namespace loopgate::measure_plan_test {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Key;
using ::testing::UnorderedElementsAre;

class MeasurePlan : public ::testing::Test {
 protected:
  // The cells that these are of fail in the way named; all others go well.
  Result<MeasuredRun> measure(const std::map<std::string, ErrorKind>& failing = {}) {
    session_.kernels.resize(session_.plan.kernels.size());
    session_.make_machine = [this, failing](const Plan& plan, const Notify&) {
      return std::make_unique<FakeMachine>([this, failing, on_board = !plan.board.is_virtual()](
                                               const CellRequest& request) -> Result<MachineRun> {
        {
          const std::lock_guard guard(cells_mutex_);  // a virtual bench's jobs run beside each other
          cells_.push_back(request.cell);
        }
        EXPECT_EQ(begun_, 1) << "the caller hears of it before a cell is run";
        if (const auto found = failing.find(request.cell); found != failing.end())
          return fail(found->second, request.cell + " went wrong");
        return on_board ? measured_on_board(request) : measured(request);
      });
    };
    MeasureHooks hooks;
    hooks.on_cells_begin = [this] { ++begun_; };
    std::FILE* stream = std::tmpfile();
    auto run = [&] {
      Progress progress(stream, false, session_.plan.cells.size(), 10);
      return measure_plan(&session_, request_, hooks, &progress);
    }();
    std::fclose(stream);
    return run;
  }

  TempFolder folder_;
  Session session_{made_up_plan(), {}, {}, {}};
  MeasureRequest request_{folder_.path() / "out", false, {}, {"0", ""}, {}};
  std::mutex cells_mutex_;
  std::vector<std::string> cells_;
  int begun_ = 0;
};

TEST_F(MeasurePlan, LeavesARunWithEveryOutcomeAndHandsItsFiguresOver) {
  const auto run = measure();
  ASSERT_TRUE(run) << run.error().what;
  EXPECT_EQ(run->folder, request_.folder);
  EXPECT_TRUE(run->all_measured && run->bench_sound && !run->kernel_failed);
  EXPECT_THAT(run->figures, UnorderedElementsAre(Key("generic.storm"), Key("preempt-rt.storm")));
  EXPECT_THAT(cells_, UnorderedElementsAre("generic.storm", "preempt-rt.storm"));
  EXPECT_TRUE(fs::exists(request_.folder / "run.json"));
  for (const Cell& cell : session_.plan.cells)
    EXPECT_TRUE(has_outcome(request_.folder / "cells" / cell.name));
}

TEST_F(MeasurePlan, TellsAKernelThatFailedFromACellThatIsInvalid) {
  auto run = measure({{"generic.storm", ErrorKind::infrastructure}});
  ASSERT_TRUE(run) << run.error().what;
  EXPECT_FALSE(run->all_measured);
  EXPECT_FALSE(run->kernel_failed);
  EXPECT_THAT(run->figures, UnorderedElementsAre(Key("preempt-rt.storm")));
  request_.folder = folder_.path() / "another";
  begun_ = 0;
  run = measure({{"generic.storm", ErrorKind::kernel}});
  ASSERT_TRUE(run) << run.error().what;
  EXPECT_FALSE(run->all_measured);
  EXPECT_TRUE(run->kernel_failed);
}

TEST_F(MeasurePlan, ResumedMeasuresWhatIsNotFinishedAndCountsWhatIs) {
  ASSERT_TRUE(measure({{"generic.storm", ErrorKind::infrastructure}}));
  cells_.clear();
  begun_ = 0;
  request_.resume = true;
  const auto run = measure();
  ASSERT_TRUE(run) << run.error().what;
  EXPECT_THAT(cells_, ElementsAre("generic.storm"));
  EXPECT_TRUE(run->all_measured);
  EXPECT_THAT(run->figures, UnorderedElementsAre(Key("generic.storm"), Key("preempt-rt.storm")))
      << "the other's were read to know that it is finished";
}

TEST_F(MeasurePlan, OverAFolderThatIsThereBeginsNothing) {
  ASSERT_TRUE(measure());
  cells_.clear();
  begun_ = 0;
  const auto run = measure();
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().kind, ErrorKind::usage);
  EXPECT_EQ(begun_, 0);
  EXPECT_THAT(cells_, IsEmpty());
}

class MeasurePlanOnABoard : public MeasurePlan {
 protected:
  MeasurePlanOnABoard() { session_.plan = made_up_plan_of_a_board(); }
};

TEST_F(MeasurePlanOnABoard, StandsBetweenLooksAtTheBench) {
  const auto run = measure();
  ASSERT_TRUE(run) << run.error().what;
  EXPECT_TRUE(run->all_measured && run->bench_sound);
  EXPECT_THAT(cells_, ElementsAre("before", "generic.storm", "preempt-rt.storm", "after"));
}

TEST_F(MeasurePlanOnABoard, OnABenchThatBreaksBlamesNoKernel) {
  const auto run = measure({{"generic.storm", ErrorKind::kernel}, {"after", ErrorKind::infrastructure}});
  ASSERT_TRUE(run) << run.error().what;
  EXPECT_FALSE(run->bench_sound);
  EXPECT_FALSE(run->kernel_failed);
  EXPECT_FALSE(run->all_measured);
}

TEST_F(MeasurePlanOnABoard, RefusesWhatABoardCannotDoBeforeAnythingIsMade) {
  request_.options.jobs = 2;
  const auto run = measure();
  ASSERT_FALSE(run);
  EXPECT_EQ(run.error().kind, ErrorKind::usage);
  EXPECT_THAT(run.error().what, HasSubstr("one after the other"));
  EXPECT_FALSE(fs::exists(request_.folder));
  EXPECT_EQ(begun_, 0);
}

}  // namespace
}  // namespace loopgate::measure_plan_test
