#include "run/runner.h"

#include <gmock/gmock.h>

#include <chrono>
#include <condition_variable>

#include "base/testing/temp_folder.h"
#include "run/testing/fake_machine.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class RunCells : public ::testing::Test {
 protected:
  Status run(FakeMachine* machine, const RunOptions& options, bool resume = false) {
    const std::vector<KernelImage> kernels(2);
    const json about = describe_run(plan_, kernels, {}, {}, options.jobs, "0");
    auto directory = RunDirectory::open(out(), about, resume);
    EXPECT_TRUE(directory);
    std::FILE* stream = std::tmpfile();
    Status done;
    {
      Progress progress(stream, false, plan_.cells.size(), 10);
      done = run_cells(plan_, kernels, {}, machine, *directory, options, &progress);
    }
    std::rewind(stream);
    told_.clear();
    for (int c = std::fgetc(stream); c != EOF; c = std::fgetc(stream)) told_ += static_cast<char>(c);
    std::fclose(stream);
    return done;
  }
  fs::path out() const { return folder_.path() / "out"; }
  std::string outcome_of(const std::string& cell) const {
    const json outcome = json::parse(text_of_file(out() / "cells" / cell / "outcome.json"), nullptr, false);
    return outcome.is_object() ? outcome["outcome"].get<std::string>() : "none";
  }

  TempFolder folder_;
  Plan plan_ = made_up_plan(2);
  std::string told_;
};

TEST_F(RunCells, OneAfterTheOther) {
  FakeMachine machine;
  ASSERT_TRUE(run(&machine, {1, false}));
  EXPECT_THAT(machine.cells(),
              ElementsAre("generic.storm", "preempt-rt.storm", "generic.storm.2", "preempt-rt.storm.2"));
  for (const Cell& cell : plan_.cells) EXPECT_EQ(outcome_of(cell.name), "measured");
  EXPECT_THAT(told_, HasSubstr("generic.storm: measured, 10 records in 1.5 s\n"));
}

TEST_F(RunCells, TwoAtATime) {
  std::mutex mutex;
  std::condition_variable changed;
  int inside = 0;
  int most = 0;
  FakeMachine machine([&](const CellOrder& order) {
    std::unique_lock lock(mutex);
    most = std::max(most, ++inside);
    changed.notify_all();
    changed.wait_for(lock, std::chrono::seconds(5), [&] { return most >= 2; });
    --inside;
    lock.unlock();
    return measured(order);
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
  FakeMachine machine([](const CellOrder& order) -> Result<MachineRun> {
    if (order.cell == "generic.storm") return fail(ErrorKind::kernel, "the kernel hung", "see console.log");
    if (order.cell == "preempt-rt.storm") return fail(ErrorKind::infrastructure, "QEMU was killed");
    return measured(order);
  });
  ASSERT_TRUE(run(&machine, {2, false}));
  EXPECT_EQ(outcome_of("generic.storm"), "kernel_failed");
  EXPECT_EQ(outcome_of("preempt-rt.storm"), "invalid");
  EXPECT_EQ(outcome_of("generic.storm.2"), "measured");
  EXPECT_THAT(told_, HasSubstr("generic.storm: KERNEL FAILED: the kernel hung\n  -> see console.log\n"));
  EXPECT_THAT(told_, HasSubstr("preempt-rt.storm: INVALID: QEMU was killed\n"));
}

TEST_F(RunCells, ResumedRunOnlyWhatIsMissing) {
  FakeMachine first([](const CellOrder& order) -> Result<MachineRun> {
    if (order.cell == "generic.storm") return fail(ErrorKind::kernel, "the kernel hung");
    if (order.cell == "preempt-rt.storm") return fail(ErrorKind::infrastructure, "QEMU was killed");
    return measured(order);
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
  EXPECT_THAT(told_, HasSubstr("preempt-rt.storm.2: finished by an earlier run\n"));
}

TEST_F(RunCells, TwiceToVerifyDeterminism) {
  FakeMachine machine([](const CellOrder& order) {
    return measured(
        order, {order.folder.filename() == "again" && order.cell == "generic.storm" ? 6'000 : 5'000, 0, 0});
  });
  ASSERT_TRUE(run(&machine, {2, true}));
  EXPECT_EQ(machine.cells().size(), 8U);
  EXPECT_EQ(outcome_of("generic.storm"), "invalid");
  EXPECT_EQ(outcome_of("preempt-rt.storm"), "measured");
}

TEST_F(RunCells, FailWhenAnOutcomeCannotBeWritten) {
  FakeMachine machine([](const CellOrder& order) {
    MachineRun done = measured(order);
    fs::create_directories(order.folder / "outcome.json" / "in-the-way");
    return done;
  });
  const Status done = run(&machine, {2, false});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::infrastructure);
  EXPECT_THAT(done.error().what, HasSubstr("outcome.json: cannot be written"));
}

TEST(OrderFor, SaysWhatTheCellNeeds) {
  Plan plan = made_up_plan();
  plan.kernels[1].arguments = "threadirqs";
  plan.loads[0].storm.per_second = 25'000;
  KernelImage image;
  image.image = "/c/vmlinuz";
  const CellOrder order = order_for(plan, plan.cells[1], image, {}, "/out/cell");
  EXPECT_EQ(order.cell, "preempt-rt.storm");
  EXPECT_EQ(order.folder, "/out/cell");
  EXPECT_EQ(order.kernel.image, "/c/vmlinuz");
  EXPECT_EQ(order.kernel_arguments, "threadirqs");
  EXPECT_EQ(order.storm_per_second, 25'000);
  EXPECT_EQ(order.pulses.counted, 7U);
  EXPECT_EQ(order.job, job_of(plan, plan.cells[1]));
}

}  // namespace
}  // namespace loopgate
