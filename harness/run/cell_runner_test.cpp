#include "run/cell_runner.h"

#include <gmock/gmock.h>

#include "base/digest.h"
#include "base/testing/temp_folder.h"
#include "run/cell_request.h"
#include "run/testing/fake_machine.h"

namespace loopgate::cell_runner_test {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::string panic = "[    1.1] Kernel panic - not syncing: Attempted to kill init!\n";

class RunCell : public ::testing::Test {
 protected:
  CellRequest request() const { return request_for(plan_, plan_.cells[0], {}, {}, folder_.path() / "cell"); }
  Outcome run(FakeMachine::Act act) const {
    FakeMachine machine(std::move(act));
    return run_cell(&machine, plan_, plan_.cells[0], request(), {});
  }
  static void print_on_console(const CellRequest& request, const std::string& text) {
    std::ofstream(request.folder / "console.log") << text;
  }

  TempFolder folder_;
  Plan plan_ = made_up_plan();
};

TEST_F(RunCell, ThatGoesWellIsMeasured) {
  const Outcome outcome = run([](const CellRequest& request) {
    print_on_console(request, "[    0.0] Booting Linux\n");
    MachineRun done = measured(request);
    done.boot_s = 1;
    done.discarded_state = "before the first stimulus, the kernel hung";
    done.to_first_stimulus_s = 2;
    return done;
  });
  EXPECT_EQ(outcome.kind, OutcomeKind::measured) << outcome.reason;
  EXPECT_EQ(outcome.reason, "");
  EXPECT_EQ(outcome.records, 10U);
  EXPECT_EQ(outcome.sha256_of(samples_artifact), sha256_of_file(request().folder / "samples.lgs").value());
  EXPECT_TRUE(outcome.self_check_passed);
  EXPECT_EQ(outcome.self_checks, (std::vector<SelfCheck>{{1, 1}, {17, 17}}));
  EXPECT_EQ(outcome.boot_s, 1);
  EXPECT_EQ(outcome.discarded_state, "before the first stimulus, the kernel hung");
  EXPECT_EQ(outcome.to_first_stimulus_s, 2);
  EXPECT_EQ(outcome.total_s, 1.5);
  EXPECT_EQ(json::parse(text_of_file(request().folder / "evidence.json"))["payload"]["events"], 8);
}

// A config check of the same name is no stand-in for one that the agent has to make.
TEST_F(RunCell, KeepsTheChecksOfTheConfigBesideTheAgents) {
  KernelFiles image;
  image.config_checks = {{"rt", "y", "y", true}};
  const CellRequest request = request_for(plan_, plan_.cells[0], image, {}, folder_.path() / "cell");
  FakeMachine machine;
  EXPECT_EQ(run_cell(&machine, plan_, plan_.cells[0], request, {}).reason, "");
  const json checks = json::parse(text_of_file(request.folder / "evidence.json"))["checks"];
  ASSERT_EQ(checks.size(), 2U);
  EXPECT_EQ(checks[0]["name"], "real-time");
  EXPECT_EQ(checks[1], json::parse(R"({"name": "rt", "expected": "y", "seen": "y", "passed": true})"));

  plan_.kernels[0].checks = {{"rt", "/sys/kernel/realtime", "", "1", ""}};
  EXPECT_EQ(run_cell(&machine, plan_, plan_.cells[0], request, {}).reason,
            "the agent did not make the kernel check \"rt\"");
}

TEST_F(RunCell, TheKernelsFaultIsTheKernels) {
  const Outcome outcome = run([](const CellRequest&) -> Result<MachineRun> {
    return fail(ErrorKind::kernel, "the kernel did not boot", "see console.log");
  });
  EXPECT_EQ(outcome.kind, OutcomeKind::kernel_failed);
  EXPECT_EQ(outcome.reason, "the kernel did not boot");
  EXPECT_EQ(outcome.next_step, "see console.log");
}

TEST_F(RunCell, AnyOtherFaultIsTheBenchs) {
  for (const ErrorKind kind : {ErrorKind::infrastructure, ErrorKind::data, ErrorKind::usage}) {
    const Outcome outcome = run(
        [&](const CellRequest&) -> Result<MachineRun> { return fail(kind, "QEMU was killed by signal 9"); });
    EXPECT_EQ(outcome.kind, OutcomeKind::invalid);
    EXPECT_EQ(outcome.reason, "QEMU was killed by signal 9");
    EXPECT_EQ(outcome.sha256_of(samples_artifact), "");
  }
}

TEST_F(RunCell, WithoutAFolderIsInvalid) {
  folder_.write("cell", "a file is in the way");
  FakeMachine machine;
  const Outcome outcome = run_cell(&machine, plan_, plan_.cells[0], request(), {});
  EXPECT_EQ(outcome.kind, OutcomeKind::invalid);
  EXPECT_THAT(outcome.reason, HasSubstr("cell: cannot be made"));
  EXPECT_TRUE(machine.cells().empty());
}

TEST_F(RunCell, ASelfCheckOffByOneNanosecondIsInvalid) {
  const Outcome outcome = run([](const CellRequest& request) { return measured(request, {5'000, 1, 0}); });
  EXPECT_EQ(outcome.kind, OutcomeKind::invalid);
  EXPECT_EQ(outcome.reason, "the instrument's self-check failed: a known delay of 1 ns was measured as 2 ns");
  EXPECT_FALSE(outcome.self_check_passed);
  EXPECT_EQ(outcome.self_checks.size(), 2U) << "all are told";
}

TEST_F(RunCell, SelfChecksThatAreMissingAreInvalid) {
  const Outcome outcome = run([](CellRequest request) {
    std::get<ResponseRequest>(request.work).pulses.self_checks =
        1;  // the instrument made one, and two were requested
    return measured(request);
  });
  EXPECT_EQ(outcome.kind, OutcomeKind::invalid);
  EXPECT_EQ(outcome.reason, "1 of the instrument's 2 self-checks passed");
}

class RunCellOnABoard : public RunCell {
 protected:
  RunCellOnABoard() { plan_ = made_up_plan_of_a_board(); }
};

TEST_F(RunCellOnABoard, ThatGoesWellIsMeasuredAndSaysTheWiresShare) {
  const Outcome outcome = run([](const CellRequest& request) { return measured_on_board(request); });
  EXPECT_EQ(outcome.kind, OutcomeKind::measured) << outcome.reason;
  EXPECT_TRUE(outcome.self_check_passed);
  EXPECT_EQ(outcome.self_checks, (std::vector<SelfCheck>{{1, 1501}, {17, 1517}}));
  EXPECT_EQ(outcome.jumper_overhead_ns, 1500);
  EXPECT_EQ(outcome.time_base, TimeBase::wall_clock);
}

TEST_F(RunCellOnABoard, ASelfCheckBelowWhatIsKnownIsInvalid) {
  const Outcome outcome =
      run([](const CellRequest& request) { return measured_on_board(request, {.self_check_error_ns = -1}); });
  EXPECT_EQ(outcome.kind, OutcomeKind::invalid);
  EXPECT_EQ(outcome.reason, "the instrument's self-check failed: a known delay of 1 ns was measured as 0 ns");
}

TEST_F(RunCellOnABoard, AWireSlowerThanTheDeadlineIsInvalid) {
  const Outcome outcome = run([](const CellRequest& request) {
    return measured_on_board(request, {.self_check_error_ns = 1'000'001});
  });
  EXPECT_EQ(outcome.kind, OutcomeKind::invalid);
  EXPECT_EQ(
      outcome.reason,
      "the bare wire takes 1000001 ns by itself, and the deadline is 1000000 ns: nothing could be told");
  EXPECT_FALSE(outcome.self_check_passed);
}

TEST_F(RunCellOnABoard, SamplesOfVirtualTimeAreInvalid) {
  const Outcome outcome = run([](const CellRequest& request) {
    MachineRun done = measured_on_board(request);
    return measured(request);
  });
  EXPECT_EQ(outcome.kind, OutcomeKind::invalid);
  EXPECT_THAT(outcome.reason, HasSubstr("samples.lgs: is of virtual time, and the board of wall time"));
}

TEST_F(RunCellOnABoard, ThatWasTooHotIsInvalidAndKeepsItsSamples) {
  const Outcome outcome =
      run([](const CellRequest& request) { return measured_on_board(request, {}, 80.5); });
  EXPECT_EQ(outcome.kind, OutcomeKind::invalid);
  EXPECT_EQ(outcome.reason, "the board was at 80.5 C before measuring; its limit is 80 C");
  EXPECT_THAT(outcome.next_step, HasSubstr("environment.json"));
  EXPECT_NE(outcome.sha256_of(samples_artifact), "");
}

TEST_F(RunCellOnABoard, WithoutARecordOfTheBoardIsInvalid) {
  const Outcome outcome = run([](const CellRequest& request) {
    MachineRun done = measured_on_board(request);
    fs::remove(request.folder / "environment.json");
    return done;
  });
  EXPECT_EQ(outcome.kind, OutcomeKind::invalid);
  EXPECT_EQ(outcome.reason, "the board's state before and after the cell was not recorded");
}

TEST_F(RunCell, SamplesOfWallClockTimeAreInvalid) {
  const Outcome outcome =
      run([](const CellRequest& request) { return measured(request, {.time_base = TimeBase::wall_clock}); });
  EXPECT_EQ(outcome.kind, OutcomeKind::invalid);
  EXPECT_THAT(outcome.reason, HasSubstr("is of wall time, and the board of virtual time"));
}

TEST_F(RunCell, SpuriousAnswersAreInvalid) {
  const Outcome outcome = run([](const CellRequest& request) {
    MachineRun done = measured(request);
    done.end.counts.spurious = 3;
    return done;
  });
  EXPECT_EQ(outcome.kind, OutcomeKind::invalid);
  EXPECT_EQ(outcome.reason, "the payload answered 3 times when nothing was asked");
  EXPECT_EQ(outcome.spurious_responses, 3U);
}

// The payload answered all that it heard of: the kernel lost the rest. That is a figure, and the gate's to
// judge.
TEST_F(RunCell, AStimulusThatThePayloadNeverHeardOfIsMeasured) {
  const Outcome outcome = run([](const CellRequest& request) {
    return measured(request, {5'000, 0, 2}, report_of_payload(R"({"events": 6, "responses": 6})"));
  });
  EXPECT_EQ(outcome.kind, OutcomeKind::measured) << outcome.reason;
}

TEST_F(RunCell, AStimulusThatThePayloadHeardOfAndDidNotAnswerIsThePayloadsFault) {
  const Outcome outcome = run([](const CellRequest& request) {
    return measured(request, {5'000, 0, 2}, report_of_payload(R"({"events": 8, "responses": 6})"));
  });
  EXPECT_EQ(outcome.kind, OutcomeKind::invalid);
  EXPECT_EQ(outcome.reason, "the payload took 8 stimuli in and answered 6 of them");
  EXPECT_EQ(outcome.next_step, "this is the payload's fault, not the kernel's");
}

// Without its counters nobody knows whose fault it was, and the kernel must not be blamed.
TEST_F(RunCell, AnUnansweredStimulusWithoutThePayloadsCountersIsInvalid) {
  for (const char* printed : {"", "Killed", "[]", "{}", R"({"events": 8})", R"({"responses": 8})"}) {
    const Outcome outcome = run([&](const CellRequest& request) {
      return measured(request, {5'000, 0, 1}, report_of_payload(printed));
    });
    EXPECT_EQ(outcome.kind, OutcomeKind::invalid) << printed;
  }
}

TEST_F(RunCell, CountersOfAnotherTypeAreInvalid) {
  const Outcome outcome = run([&](const CellRequest& request) {
    return measured(request, {5'000, 0, 1}, report_of_payload(R"({"events": "eight", "responses": 8})"));
  });
  EXPECT_EQ(outcome.kind, OutcomeKind::invalid);
}

TEST_F(RunCell, ALoadThatDeliveredLessIsInvalid) {
  Report report = good_report();
  report.parts[0].output = R"({"interrupts": 10, "seconds": 2.0})";
  const Outcome outcome = run([&](const CellRequest& request) { return measured(request, {}, report); });
  EXPECT_EQ(outcome.kind, OutcomeKind::invalid);
  EXPECT_EQ(outcome.reason, "load part sink delivered 5 interrupts a second; it requires 20000");
  EXPECT_EQ(outcome.records, 10U) << "the samples are kept all the same";
}

TEST_F(RunCell, APayloadThatDiedIsInvalid) {
  Report report = good_report();
  report.failure = Failure{"payload", "/bin/responder", "the payload was killed by signal 6"};
  const Outcome outcome = run([&](const CellRequest&) {
    MachineRun done;  // without samples: it never came to measuring
    done.report = to_json(report);
    done.agent_failed = true;
    return done;
  });
  EXPECT_EQ(outcome.kind, OutcomeKind::invalid);
  EXPECT_EQ(outcome.reason, "payload /bin/responder: the payload was killed by signal 6");
  EXPECT_TRUE(fs::exists(request().folder / "evidence.json"));
}

TEST_F(RunCell, AReportThatCannotBeReadIsInvalid) {
  const Outcome outcome = run([](const CellRequest& request) {
    MachineRun done = measured(request);
    done.report.resize(20);
    return done;
  });
  EXPECT_EQ(outcome.kind, OutcomeKind::invalid);
  EXPECT_EQ(outcome.reason, "the agent's report: is no JSON object: it was cut off or altered");
}

TEST_F(RunCell, APanicBeatsEverythingElse) {
  const std::vector<FakeMachine::Act> endings = {
      [](const CellRequest& request) { return measured(request); },
      [](const CellRequest& request) {
        MachineRun done =
            measured(request, {5'000, 1, 1}, report_of_payload(R"({"events": 8, "responses": 6})"));
        done.end.counts.spurious = 1;
        fs::resize_file(request.folder / "samples.lgs", 100);
        return done;
      },
      [](const CellRequest&) {
        MachineRun done;
        done.report = "{";
        return done;
      },
      [](const CellRequest&) {
        MachineRun done;
        done.report = to_json(good_report());
        done.agent_failed = true;
        return done;
      }};
  for (const auto& ending : endings) {
    const Outcome outcome = run([&](const CellRequest& request) {
      print_on_console(request, panic);
      return ending(request);
    });
    EXPECT_EQ(outcome.kind, OutcomeKind::kernel_failed);
    EXPECT_EQ(outcome.reason, "the kernel panicked: Attempted to kill init!");
  }
}

TEST_F(RunCell, DamagedSamplesAreInvalid) {
  const auto with_samples = [&](const std::function<void(const fs::path&)>& damage) {
    return run([&](const CellRequest& request) {
      MachineRun done = measured(request);
      damage(request.folder / "samples.lgs");
      return done;
    });
  };
  const Outcome cut =
      with_samples([](const fs::path& path) { fs::resize_file(path, fs::file_size(path) - 32); });
  EXPECT_EQ(cut.kind, OutcomeKind::invalid);
  EXPECT_THAT(cut.reason, HasSubstr("samples.lgs: is 352 bytes long, which does not fit its 10 records"));
  EXPECT_EQ(cut.sha256_of(samples_artifact), "");
  const Outcome empty = with_samples([](const fs::path& path) { fs::resize_file(path, 0); });
  EXPECT_THAT(empty.reason, HasSubstr("samples.lgs: is too short for a samples file"));
  const Outcome missing = with_samples([](const fs::path& path) { fs::remove(path); });
  EXPECT_EQ(missing.kind, OutcomeKind::invalid);
  EXPECT_THAT(missing.reason, HasSubstr("samples.lgs: cannot be read"));
}

class VerifyDeterminism : public RunCell {
 protected:
  // The first and the second run act as these say.
  Outcome twice(const FakeMachine::Act& first, const FakeMachine::Act& second) {
    int runs = 0;
    FakeMachine machine(
        [&](const CellRequest& request) { return runs++ == 0 ? first(request) : second(request); });
    Outcome outcome = run_cell(&machine, plan_, plan_.cells[0], request(), {});
    verify_determinism(&machine, plan_, plan_.cells[0], request(), {}, &outcome);
    runs_ = machine.cells().size();
    return outcome;
  }
  static Result<MachineRun> good(const CellRequest& request) { return measured(request); }

  std::size_t runs_ = 0;
};

TEST_F(VerifyDeterminism, OfEqualRunsLeavesOne) {
  EXPECT_EQ(twice(good, good).kind, OutcomeKind::measured);
  EXPECT_EQ(runs_, 2U);
  EXPECT_FALSE(fs::exists(request().folder / "again"));
}

TEST_F(VerifyDeterminism, TellsAtWhichSampleADifferenceBegan) {
  const Outcome outcome =
      twice(good, [](const CellRequest& request) { return measured(request, {5'001, 0, 0}); });
  EXPECT_EQ(outcome.kind, OutcomeKind::invalid);
  EXPECT_THAT(outcome.reason, StartsWith("two equal runs gave unequal samples: sample 2: response_ns is "));
  EXPECT_TRUE(fs::exists(request().folder / "again" / "samples.lgs"));
}

TEST_F(VerifyDeterminism, NeedsTheSecondRunToEnd) {
  const Outcome outcome = twice(good, [](const CellRequest&) -> Result<MachineRun> {
    return fail(ErrorKind::infrastructure, "QEMU was killed by signal 9");
  });
  EXPECT_EQ(outcome.kind, OutcomeKind::invalid);
  EXPECT_EQ(outcome.reason, "the second, equal run did not come to its end: QEMU was killed by signal 9");
}

TEST_F(VerifyDeterminism, DoesNotRepeatWhatFailed) {
  const Outcome outcome = twice(
      [](const CellRequest&) -> Result<MachineRun> { return fail(ErrorKind::kernel, "the kernel hung"); },
      good);
  EXPECT_EQ(outcome.kind, OutcomeKind::kernel_failed);
  EXPECT_EQ(runs_, 1U);
}

}  // namespace
}  // namespace loopgate::cell_runner_test
