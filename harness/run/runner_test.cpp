#include "run/runner.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>

#include "base/testing/temp_folder.h"
#include "record/outcome.h"
#include "run/describe_run.h"
#include "run/testing/fake_machine.h"

namespace loopgate::runner_test {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

class RunCells : public ::testing::Test {
 protected:
  Status run(FakeMachine* machine, const RunOptions& options, bool resume = false) {
    const std::vector<KernelFiles> kernels(2);
    const RunRecord about = describe_run(plan_, {}, kernels, {}, {}, options.jobs.value_or(1), {"0", ""});
    auto directory = RunDirectory::open(out(), about, resume);
    EXPECT_TRUE(directory);
    std::FILE* stream = std::tmpfile();
    Status done;
    {
      Progress progress(stream, false, plan_.cells.size(), 10);
      done = run_cells(plan_, kernels, {}, machine, *directory, options, &progress);
    }
    std::rewind(stream);
    printed_.clear();
    for (int c = std::fgetc(stream); c != EOF; c = std::fgetc(stream)) printed_ += static_cast<char>(c);
    std::fclose(stream);
    return done;
  }
  fs::path out() const { return folder_.path() / "out"; }
  std::string outcome_of(const std::string& cell) const {
    const RunRecord run = read_run_record(out()).value();
    const auto described = std::ranges::find(run.cells, cell, &DescribedCell::name);
    const auto outcome = read_outcome(out() / "cells" / cell, run, *described);
    return outcome ? name_of(outcome->kind) : "none";
  }

  TempFolder folder_;
  Plan plan_ = made_up_plan(2);
  std::string printed_;
};

TEST_F(RunCells, OneAfterTheOther) {
  FakeMachine machine;
  ASSERT_TRUE(run(&machine, {1, false}));
  EXPECT_THAT(machine.cells(),
              ElementsAre("generic.storm", "preempt-rt.storm", "generic.storm.2", "preempt-rt.storm.2"));
  for (const Cell& cell : plan_.cells) EXPECT_EQ(outcome_of(cell.name), "measured");
  EXPECT_THAT(printed_, HasSubstr("generic.storm: measured, 10 records in 1.5 s\n"));
}

TEST_F(RunCells, AFreshBootInASavedStatesPlaceIsTold) {
  FakeMachine machine([](const CellRequest& request) {
    MachineRun done = measured(request);
    done.boot_s = 6;
    if (request.cell == "generic.storm") done.discarded_state = "before the first stimulus, the kernel hung";
    return done;
  });
  ASSERT_TRUE(run(&machine, {1, false}));
  EXPECT_THAT(printed_, HasSubstr("(after 6.0 s of boot, since the saved state had failed)\n"));
  EXPECT_THAT(printed_, HasSubstr("(after 6.0 s of boot)\n"));
}

TEST_F(RunCells, TwoAtATime) {
  std::mutex mutex;
  std::condition_variable changed;
  int inside = 0;
  int most = 0;
  FakeMachine machine([&](const CellRequest& request) {
    std::unique_lock lock(mutex);
    most = std::max(most, ++inside);
    changed.notify_all();
    changed.wait_for(lock, std::chrono::seconds(5), [&] { return most >= 2; });
    --inside;
    lock.unlock();
    return measured(request);
  });
  ASSERT_TRUE(run(&machine, {2, false}));
  EXPECT_EQ(most, 2);
  EXPECT_THAT(machine.cells(), UnorderedElementsAre("generic.storm", "preempt-rt.storm", "generic.storm.2",
                                                    "preempt-rt.storm.2"));
  for (const Cell& cell : plan_.cells) EXPECT_EQ(outcome_of(cell.name), "measured");
}

TEST_F(RunCells, SamplesDoNotDependOnTheJobs) {
  FakeMachine machine;
  ASSERT_TRUE(run(&machine, {1, false}));
  const std::string alone = text_of_file(out() / "cells" / "preempt-rt.storm.2" / "samples.lgs");
  fs::remove_all(out());
  ASSERT_TRUE(run(&machine, {2, false}));
  EXPECT_EQ(text_of_file(out() / "cells" / "preempt-rt.storm.2" / "samples.lgs"), alone);
}

TEST_F(RunCells, OneThatFailsDoesNotStopTheOthers) {
  FakeMachine machine([](const CellRequest& request) -> Result<MachineRun> {
    if (request.cell == "generic.storm") return fail(ErrorKind::kernel, "the kernel hung", "see console.log");
    if (request.cell == "preempt-rt.storm") return fail(ErrorKind::infrastructure, "QEMU was killed");
    return measured(request);
  });
  ASSERT_TRUE(run(&machine, {2, false}));
  EXPECT_EQ(outcome_of("generic.storm"), "kernel_failed");
  EXPECT_EQ(outcome_of("preempt-rt.storm"), "invalid");
  EXPECT_EQ(outcome_of("generic.storm.2"), "measured");
  EXPECT_THAT(printed_, HasSubstr("generic.storm: KERNEL FAILED: the kernel hung\n  -> see console.log\n"));
  EXPECT_THAT(printed_, HasSubstr("preempt-rt.storm: INVALID: QEMU was killed\n"));
}

TEST_F(RunCells, ResumedRunOnlyWhatIsMissing) {
  FakeMachine first([](const CellRequest& request) -> Result<MachineRun> {
    if (request.cell == "generic.storm") return fail(ErrorKind::kernel, "the kernel hung");
    if (request.cell == "preempt-rt.storm") return fail(ErrorKind::infrastructure, "QEMU was killed");
    return measured(request);
  });
  ASSERT_TRUE(run(&first, {1, false}));
  fs::remove(out() / "cells" / "generic.storm.2" / "outcome.json");  // interrupted there
  folder_.write("out/cells/generic.storm.2/left-over", "x");
  FakeMachine second;
  ASSERT_TRUE(run(&second, {2, false}, true));
  EXPECT_THAT(second.cells(), UnorderedElementsAre("preempt-rt.storm", "generic.storm.2"));
  EXPECT_EQ(outcome_of("generic.storm"), "kernel_failed");
  EXPECT_EQ(outcome_of("preempt-rt.storm"), "measured");
  EXPECT_FALSE(fs::exists(out() / "cells" / "generic.storm.2" / "left-over"));
  EXPECT_THAT(printed_, HasSubstr("preempt-rt.storm.2: finished by an earlier run\n"));
}

TEST_F(RunCells, TwiceToVerifyDeterminism) {
  FakeMachine machine([](const CellRequest& request) {
    return measured(
        request,
        {request.folder.filename() == "again" && request.cell == "generic.storm" ? 6'000 : 5'000, 0, 0});
  });
  ASSERT_TRUE(run(&machine, {2, true}));
  EXPECT_EQ(machine.cells().size(), 8U);
  EXPECT_EQ(outcome_of("generic.storm"), "invalid");
  EXPECT_EQ(outcome_of("preempt-rt.storm"), "measured");
}

// Else `--resume` alone would make a cell sound that did not repeat.
TEST_F(RunCells, TwiceAgainWhereTheyDidNotRepeat) {
  const FakeMachine::Act differs = [](const CellRequest& request) {
    return measured(
        request,
        {request.folder.filename() == "again" && request.cell == "generic.storm" ? 6'000 : 5'000, 0, 0});
  };
  FakeMachine first(differs);
  ASSERT_TRUE(run(&first, {2, true}));
  FakeMachine second(differs);
  ASSERT_TRUE(run(&second, {2, false}, true));
  EXPECT_THAT(second.cells(), ElementsAre("generic.storm", "generic.storm"));
  EXPECT_EQ(outcome_of("generic.storm"), "invalid");
  FakeMachine third;
  ASSERT_TRUE(run(&third, {2, false}, true));
  EXPECT_THAT(third.cells(), ElementsAre("generic.storm", "generic.storm"));
  EXPECT_EQ(outcome_of("generic.storm"), "measured");
}

TEST_F(RunCells, AKernelThatFailsIsBlamedWhereItWasToRunTwice) {
  FakeMachine machine([](const CellRequest& request) -> Result<MachineRun> {
    if (request.cell == "generic.storm") return fail(ErrorKind::kernel, "it panicked");
    return measured(request);
  });
  ASSERT_TRUE(run(&machine, {1, true}));
  EXPECT_EQ(outcome_of("generic.storm"), "kernel_failed");
}

// Killed while it is measured the first time of two.
TEST_F(RunCells, TwiceAgainWhereTheFirstTimeWasCutOff) {
  bool folder_was_there = false;
  FakeMachine first([&](const CellRequest& request) -> Result<MachineRun> {
    if (request.folder.filename() != "again") folder_was_there = fs::is_directory(request.folder / "again");
    return measured(request);
  });
  ASSERT_TRUE(run(&first, {1, true}));
  EXPECT_TRUE(folder_was_there) << "what a kill leaves says that the cell is measured twice";
  const fs::path cell = out() / "cells" / "generic.storm";
  fs::remove(cell / "outcome.json");
  fs::create_directories(cell / "again");
  FakeMachine second;
  ASSERT_TRUE(run(&second, {1, false}, true));
  EXPECT_THAT(second.cells(), ElementsAre("generic.storm", "generic.storm"));
  EXPECT_FALSE(fs::exists(cell / "again"));
}

TEST_F(RunCells, FailWhenAnOutcomeCannotBeWritten) {
  FakeMachine machine([](const CellRequest& request) {
    MachineRun done = measured(request);
    fs::create_directories(request.folder / "outcome.json" / "in-the-way");
    return done;
  });
  const Status done = run(&machine, {2, false});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::infrastructure);
  EXPECT_THAT(done.error().what, HasSubstr("outcome.json is there already"));
}

TEST(CheckOptions, RefusesWhatOnlyVirtualTimeCanDo) {
  const Plan plan = made_up_plan_of_a_board(2);
  const Status jobs = check_options(plan, {.jobs = 2});
  ASSERT_FALSE(jobs);
  EXPECT_EQ(jobs.error().kind, ErrorKind::usage);
  EXPECT_EQ(jobs.error().what,
            "board qemu-arm64-disk is one machine: its cells are measured one after the other");
  const Status verify = check_options(plan, {.verify_determinism = true});
  ASSERT_FALSE(verify);
  EXPECT_THAT(verify.error().what, HasSubstr("never repeats to the nanosecond"));
  EXPECT_TRUE(check_options(plan, {}));
  EXPECT_TRUE(check_options(made_up_plan(), {.jobs = 2, .verify_determinism = true}));
}

}  // namespace
}  // namespace loopgate::runner_test
