#include "run/runner.h"

#include <gmock/gmock.h>

#include <chrono>
#include <condition_variable>

#include "base/testing/temp_folder.h"
#include "record/outcome.h"
#include "run/describe_run.h"
#include "run/health.h"
#include "run/testing/fake_machine.h"

namespace loopgate {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class RunCells : public ::testing::Test {
 protected:
  Status run(FakeMachine* machine, const RunOptions& options, bool resume = false) {
    const std::vector<KernelImage> kernels(2);
    const RunRecord about = describe_run(plan_, {}, kernels, {}, {}, options.jobs, {"0", ""});
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
    const auto outcome = read_outcome(out() / "cells" / cell);
    return outcome ? name_of(outcome->kind) : "none";
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
  FakeMachine machine([&](const CellRequest& order) {
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
  FakeMachine machine([](const CellRequest& order) -> Result<MachineRun> {
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
  FakeMachine first([](const CellRequest& order) -> Result<MachineRun> {
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
  FakeMachine machine([](const CellRequest& order) {
    return measured(
        order, {order.folder.filename() == "again" && order.cell == "generic.storm" ? 6'000 : 5'000, 0, 0});
  });
  ASSERT_TRUE(run(&machine, {2, true}));
  EXPECT_EQ(machine.cells().size(), 8U);
  EXPECT_EQ(outcome_of("generic.storm"), "invalid");
  EXPECT_EQ(outcome_of("preempt-rt.storm"), "measured");
}

TEST_F(RunCells, FailWhenAnOutcomeCannotBeWritten) {
  FakeMachine machine([](const CellRequest& order) {
    MachineRun done = measured(order);
    fs::create_directories(order.folder / "outcome.json" / "in-the-way");
    return done;
  });
  const Status done = run(&machine, {2, false});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::infrastructure);
  EXPECT_THAT(done.error().what, HasSubstr("outcome.json is there already"));
}

class RunOnABoard : public ::testing::Test {
 protected:
  // The cells that these are of fail in the way named; all others go well.
  static FakeMachine::Act machine_where(std::map<std::string, ErrorKind> failing) {
    return [failing](const CellRequest& order) -> Result<MachineRun> {
      const auto found = failing.find(order.cell);
      if (found == failing.end()) return measured_on_board(order);
      return fail(found->second, order.cell + " went wrong");
    };
  }
  Result<bool> run(FakeMachine* machine, bool resume = false) {
    std::vector<KernelImage> kernels(2);
    for (KernelImage& kernel : kernels) kernel.image = "/c/vmlinuz";
    auto directory = RunDirectory::open(
        out(), describe_run(plan_, {}, kernels, {}, describe_machine(plan_.board, *plan_.lab), 1, {"0", ""}),
        resume);
    EXPECT_TRUE(directory);
    std::FILE* stream = std::tmpfile();
    RunOptions options;
    options.stop = &stop_;
    auto sound = [&] {
      Progress progress(stream, false, plan_.cells.size(), 10);
      return run_cells_on_board(plan_, kernels, {}, machine, *directory, options, &progress);
    }();
    std::fclose(stream);
    return sound;
  }
  fs::path out() const { return folder_.path() / "out"; }
  Outcome outcome_of(const std::string& cell) const {
    const auto outcome = read_outcome(out() / cell);
    EXPECT_TRUE(outcome) << outcome.error().what;
    return outcome.value_or(Outcome());
  }
  std::string kind_of(const std::string& cell) const { return name_of(outcome_of(cell).kind); }

  TempFolder folder_;
  Plan plan_ = made_up_plan_of_a_board(2);
  std::atomic<bool> stop_{false};
};

TEST_F(RunOnABoard, StandsBetweenTwoHealthChecksOfTheKnownGoodKernel) {
  std::vector<std::string> boots;
  FakeMachine machine([&](const CellRequest& order) {
    boots.push_back(order.boot + (order.kernel.image.empty() ? " (own)" : ""));
    return measured_on_board(order);
  });
  const auto sound = run(&machine);
  ASSERT_TRUE(sound) << sound.error().what;
  EXPECT_TRUE(*sound);
  EXPECT_THAT(machine.cells(), ElementsAre("before", "generic.storm", "preempt-rt.storm", "generic.storm.2",
                                           "preempt-rt.storm.2", "after"));
  EXPECT_THAT(boots, ElementsAre("known-good.1 (own)", "generic.1", "preempt-rt.1", "generic.2",
                                 "preempt-rt.2", "known-good.2 (own)"));
  EXPECT_EQ(machine.finished, 1) << "the board is left as it was found";
  const Outcome health = outcome_of("health/after");
  EXPECT_EQ(health.kind, OutcomeKind::measured);
  EXPECT_EQ(health.kernel, "known-good");
  EXPECT_EQ(health.load, "idle");
  EXPECT_TRUE(fs::exists(out() / "health" / "before" / "environment.json"));
}

TEST_F(RunOnABoard, HealthIsOfAFewStimuliWithoutLoadOrTuning) {
  plan_.samples = 100'000;
  plan_.kernels[0].threads = {{"irq/*", "fifo", 40, true}};
  const Plan health = health_plan(plan_);
  EXPECT_EQ(health.samples, 300);
  EXPECT_TRUE(health.loads[0].parts.empty() && health.kernels[0].threads.empty());
  EXPECT_EQ(health.suite.deadline_ns, plan_.suite.deadline_ns);
  ASSERT_EQ(health.cells.size(), 2U);
}

TEST_F(RunOnABoard, ABenchThatIsBrokenBeforeBootsNoCandidate) {
  FakeMachine machine(machine_where({{"before", ErrorKind::infrastructure}}));
  const auto sound = run(&machine);
  ASSERT_FALSE(sound);
  EXPECT_EQ(sound.error().kind, ErrorKind::infrastructure);
  EXPECT_EQ(sound.error().what,
            "the bench is broken, and no candidate was booted: on the known-good kernel, before went wrong");
  EXPECT_THAT(sound.error().next_step, HasSubstr("loopgate doctor --board qemu-arm64-disk"));
  EXPECT_THAT(machine.cells(), ElementsAre("before"));
  EXPECT_EQ(machine.finished, 1);
  EXPECT_EQ(kind_of("health/before"), "invalid");
}

TEST_F(RunOnABoard, AKnownGoodKernelThatFailsIsTheBenchsFaultToo) {
  FakeMachine machine(machine_where({{"before", ErrorKind::kernel}}));
  const auto sound = run(&machine);
  ASSERT_FALSE(sound);
  EXPECT_EQ(sound.error().kind, ErrorKind::infrastructure);
}

TEST_F(RunOnABoard, AnAnswerThatIsLostOnTheKnownGoodKernelIsAWiresFault) {
  FakeMachine machine([](const CellRequest& order) {
    return measured_on_board(order, {.unanswered = order.cell == "before" ? 1 : 0});
  });
  const auto sound = run(&machine);
  ASSERT_FALSE(sound);
  EXPECT_THAT(sound.error().what, HasSubstr("1 of 7 stimuli were not answered"));
  EXPECT_THAT(outcome_of("health/before").next_step, HasSubstr("jumper"));
}

TEST_F(RunOnABoard, ABenchThatIsBrokenAfterBlamesNoKernelAndChangesNoOutcome) {
  FakeMachine machine(machine_where({{"generic.storm.2", ErrorKind::kernel},
                                     {"preempt-rt.storm.2", ErrorKind::infrastructure},
                                     {"after", ErrorKind::infrastructure}}));
  const auto sound = run(&machine);
  ASSERT_TRUE(sound) << sound.error().what;
  EXPECT_FALSE(*sound);
  EXPECT_EQ(kind_of("cells/generic.storm"), "measured") << "it was measured, whatever came later";
  const Outcome amended = outcome_of("cells/generic.storm.2");
  EXPECT_EQ(amended.kind, OutcomeKind::invalid);
  EXPECT_EQ(amended.reason,
            "the bench is broken (on the known-good kernel, after went wrong), which explains this as well: "
            "generic.storm.2 went wrong");
  EXPECT_EQ(outcome_of("cells/preempt-rt.storm.2").reason, "preempt-rt.storm.2 went wrong");
  const fs::path written = out() / "cells" / "generic.storm.2" / "outcome.json";
  EXPECT_EQ(parse_outcome(text_of_file(written), "as it was written")->kind, OutcomeKind::kernel_failed);
}

// What was found of an outcome says nothing of the one that takes its place.
TEST_F(RunOnABoard, ResumedOnASoundBenchBlamesTheKernelAgain) {
  FakeMachine broken(
      machine_where({{"generic.storm.2", ErrorKind::kernel}, {"after", ErrorKind::infrastructure}}));
  EXPECT_FALSE(run(&broken).value());
  EXPECT_EQ(kind_of("cells/generic.storm.2"), "invalid");
  FakeMachine sound(machine_where({{"generic.storm.2", ErrorKind::kernel}}));
  EXPECT_TRUE(run(&sound, true).value());
  EXPECT_THAT(sound.cells(), ElementsAre("before", "generic.storm.2", "after"));
  EXPECT_EQ(kind_of("cells/generic.storm.2"), "kernel_failed");
}

TEST_F(RunOnABoard, ASoundBenchBlamesTheKernelAndResumingDoesNotAskAgain) {
  FakeMachine machine(machine_where({{"generic.storm.2", ErrorKind::kernel}}));
  EXPECT_TRUE(run(&machine).value());
  EXPECT_EQ(kind_of("cells/generic.storm.2"), "kernel_failed");
  FakeMachine again;
  EXPECT_TRUE(run(&again, true).value());
  EXPECT_THAT(again.cells(), IsEmpty()) << "nothing is left to measure, so the board is let alone";
}

// As after a kill or a power cut: cells are finished, and nobody looked at the bench after them.
TEST_F(RunOnABoard, WithoutALookAtTheBenchAfterwardsNoKernelIsBlamed) {
  FakeMachine machine(machine_where({{"generic.storm.2", ErrorKind::kernel}}));
  EXPECT_TRUE(run(&machine).value());
  fs::remove_all(out() / "health" / "after");
  FakeMachine again(machine_where({{"after", ErrorKind::infrastructure}}));
  EXPECT_FALSE(run(&again, true).value());
  EXPECT_THAT(again.cells(), ElementsAre("before", "after"));
  EXPECT_EQ(kind_of("cells/generic.storm.2"), "invalid");
}

TEST_F(RunOnABoard, AnInterruptedRunTakesTheBoardBackAndBlamesNoKernel) {
  FakeMachine machine([&](const CellRequest& order) -> Result<MachineRun> {
    if (order.cell == "before") return measured_on_board(order);
    stop_ = true;
    return fail(ErrorKind::kernel, "it did not boot");
  });
  const auto sound = run(&machine);
  ASSERT_FALSE(sound);
  EXPECT_EQ(sound.error().what, "the run was interrupted");
  EXPECT_THAT(machine.cells(), ElementsAre("before", "generic.storm"));
  EXPECT_EQ(machine.finished, 1);
  EXPECT_EQ(outcome_of("cells/generic.storm").reason,
            "the run was interrupted before the bench was looked at again: it did not boot");
}

TEST_F(RunOnABoard, ABoardThatDoesNotComeBackIsToldAtTheEnd) {
  FakeMachine machine(machine_where({}));
  machine.back = fail(ErrorKind::infrastructure, "the board did not come back");
  const auto sound = run(&machine);
  ASSERT_FALSE(sound);
  EXPECT_EQ(sound.error().what, "the board did not come back");
  EXPECT_EQ(kind_of("cells/generic.storm"), "measured") << "what was finished is kept";
}

TEST_F(RunOnABoard, ABoardThatDoesNotComeBackIsToldBeforeAllElse) {
  FakeMachine machine(machine_where({{"before", ErrorKind::infrastructure}}));
  machine.back = fail(ErrorKind::infrastructure, "the board did not come back", "switch it off and on");
  const auto sound = run(&machine);
  ASSERT_FALSE(sound);
  EXPECT_THAT(sound.error().what,
              HasSubstr("the board did not come back; and before that: the bench is broken"));
  EXPECT_EQ(sound.error().next_step, "switch it off and on");
}

TEST_F(RunOnABoard, RefusesWhatOnlyVirtualTimeCanDo) {
  const Status jobs = check_options(plan_, {.jobs = 2});
  ASSERT_FALSE(jobs);
  EXPECT_EQ(jobs.error().kind, ErrorKind::usage);
  EXPECT_EQ(jobs.error().what,
            "board qemu-arm64-disk is one machine: its cells are measured one after the other");
  const Status verify = check_options(plan_, {.verify_determinism = true});
  ASSERT_FALSE(verify);
  EXPECT_THAT(verify.error().what, HasSubstr("never repeats to the nanosecond"));
  EXPECT_TRUE(check_options(plan_, {}));
  EXPECT_TRUE(check_options(made_up_plan(), {.jobs = 2, .verify_determinism = true}));
}

TEST(OrderFor, SaysWhatTheCellNeeds) {
  Plan plan = made_up_plan();
  plan.kernels[1].arguments = "threadirqs";
  plan.loads[0].storm.per_second = 25'000;
  KernelImage image;
  image.image = "/c/vmlinuz";
  const CellRequest order = order_for(plan, plan.cells[1], image, {}, "/out/cell");
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
