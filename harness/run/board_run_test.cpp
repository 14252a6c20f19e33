#include "run/board_run.h"

#include <gmock/gmock.h>

#include <atomic>
#include <cstdio>
#include <map>

#include "base/testing/temp_folder.h"
#include "board/ssh_machine.h"
#include "record/bench_health.h"
#include "record/outcome.h"
#include "run/describe_run.h"
#include "run/health.h"
#include "run/testing/fake_machine.h"

namespace loopgate::board_run_test {
namespace {

namespace fs = std::filesystem;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class RunOnABoard : public ::testing::Test {
 protected:
  // The cells that these are of fail in the way named; all others go well.
  static FakeMachine::Act machine_where(std::map<std::string, ErrorKind> failing) {
    return [failing](const CellRequest& request) -> Result<MachineRun> {
      const auto found = failing.find(request.cell);
      if (found == failing.end()) return measured_on_board(request);
      return fail(found->second, request.cell + " went wrong");
    };
  }
  Result<bool> run(FakeMachine* machine, bool resume = false, const std::function<Status()>& give_back = {}) {
    std::vector<KernelFiles> kernels(2);
    for (KernelFiles& kernel : kernels) kernel.image = "/c/vmlinuz";
    auto directory = RunDirectory::open(
        out(),
        describe_run(plan_, {}, kernels, {}, SshMachine(plan_.board, plan_.lab, {}).describe(), 1, {"0", ""}),
        resume);
    EXPECT_TRUE(directory);
    std::FILE* stream = std::tmpfile();
    RunOptions options;
    options.stop = &stop_;
    auto sound = [&] {
      Progress progress(stream, false, plan_.cells.size(), 10);
      return run_cells_on_board(plan_, kernels, {}, machine, *directory, options, &progress, give_back);
    }();
    std::fclose(stream);
    return sound;
  }
  fs::path out() const { return folder_.path() / "out"; }
  Outcome outcome_of(const std::string& cell) const {
    const RunRecord run = read_run_record(out()).value();
    const std::string name = fs::path(cell).filename();
    const auto described = std::ranges::find(run.cells, name, &DescribedCell::name);
    const auto outcome =
        read_outcome(out() / cell, run, described != run.cells.end() ? *described : health_cell(run, name));
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
  FakeMachine machine([&](const CellRequest& request) {
    boots.push_back(request.boot + (!request.kernel ? " (own)" : ""));
    return measured_on_board(request);
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
  EXPECT_EQ(schedule_of(health.suite.work).deadline_ns, schedule_of(plan_.suite.work).deadline_ns);
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
  FakeMachine machine([](const CellRequest& request) {
    return measured_on_board(request, {.unanswered = request.cell == "before" ? 1 : 0});
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

// The kernel that lost answers beside the wire is measured again, and not blamed once the wire is mended.
TEST_F(RunOnABoard, CellsWithoutAnAnswerOnABrokenBenchAreMeasuredAgain) {
  FakeMachine loose([](const CellRequest& request) {
    const bool lost = request.cell == "generic.storm.2" || request.cell == "after";
    return measured_on_board(request, {.unanswered = lost ? 1 : 0});
  });
  EXPECT_FALSE(run(&loose).value());
  EXPECT_EQ(kind_of("cells/generic.storm"), "measured");
  EXPECT_THAT(
      outcome_of("cells/generic.storm.2").reason,
      ::testing::AllOf(
          HasSubstr("the bench is broken (on the known-good kernel, 1 of 7 stimuli were not answered"),
          HasSubstr("which explains this as well: stimuli of it had no answer")));
  FakeMachine mended(machine_where({}));
  EXPECT_TRUE(run(&mended, true).value());
  EXPECT_THAT(mended.cells(), ElementsAre("before", "generic.storm.2", "after"));
  EXPECT_EQ(kind_of("cells/generic.storm.2"), "measured");
}

TEST_F(RunOnABoard, APlaceThatBecameSomebodyElsesIsNoSoundBench) {
  const auto lost = [] { return Status(fail(ErrorKind::infrastructure, "the place is ann's now")); };
  FakeMachine machine(machine_where({{"generic.storm.2", ErrorKind::kernel}}));
  EXPECT_FALSE(run(&machine, false, lost).value());
  EXPECT_EQ(outcome_of("cells/generic.storm.2").reason, "the place is ann's now: generic.storm.2 went wrong");
  EXPECT_FALSE(fs::exists(out() / "health" / "after")) << "it may be ann's doing, too";
  FakeMachine again(machine_where({{"generic.storm.2", ErrorKind::kernel}}));
  EXPECT_TRUE(run(&again, true).value());
  FakeMachine nothing_left;
  EXPECT_TRUE(run(&nothing_left, true, lost).value()) << "this call measured nothing";
  EXPECT_EQ(kind_of("cells/generic.storm.2"), "kernel_failed");
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
  FakeMachine machine([&](const CellRequest& request) -> Result<MachineRun> {
    if (request.cell == "before") return measured_on_board(request);
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

}  // namespace
}  // namespace loopgate::board_run_test
