#include "run/judge.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "base/testing/temp_folder.h"
#include "run/asked_for.h"
#include "run/cell_request.h"
#include "run/cell_runner.h"
#include "run/describe_run.h"
#include "run/judge_stimuli.h"
#include "run/kernel_in_effect.h"
#include "run/testing/fake_machine.h"

namespace loopgate::judge_test {
namespace {

namespace fs = std::filesystem;

class JudgeCell : public ::testing::Test {
 protected:
  JudgeCell() { fs::create_directories(request_.folder); }
  Outcome judge(const MachineRun& run, std::optional<CellFigures>* figures = nullptr) const {
    Outcome outcome = unjudged_outcome(plan_, plan_.cells[0]);
    outcome.kind = OutcomeKind::measured;
    auto judged = judge_cell(run, plan_, plan_.cells[0], request_, &outcome);
    if (figures != nullptr) *figures = std::move(judged);
    return outcome;
  }

  TempFolder folder_;
  Plan plan_ = made_up_plan();
  CellRequest request_ = request_for(plan_, plan_.cells[0], {}, {}, folder_.path() / "cell");
};

TEST_F(JudgeCell, OfASavedCellNeedsNoMachineAndAlwaysSaysTheSame) {
  MachineRun saved;
  FakeMachine machine([&](const CellRequest& request) {
    saved = measured(request, {.unanswered = 2}, report_of_payload(R"({"events": 6, "responses": 6})"));
    return saved;
  });
  const Outcome when_run = run_cell(&machine, plan_, plan_.cells[0], request_, {});
  const std::string evidence = text_of_file(request_.folder / "evidence.json");
  std::optional<CellFigures> figures;
  const Outcome later = judge(saved, &figures);
  EXPECT_EQ(later.kind, OutcomeKind::measured) << later.reason;
  EXPECT_EQ(to_json(later), to_json(when_run));
  EXPECT_EQ(text_of_file(request_.folder / "evidence.json"), evidence);
  ASSERT_TRUE(figures);
  EXPECT_EQ(figures->measured.counts.unanswered, 2U);
}

TEST_F(JudgeCell, ACpuThatHoldsTheOthersUpForLongerThanTheSliceIsABrokenBench) {
  plan_.board.cpus = 2;
  std::get<QemuBoard>(plan_.board.kind).slice_ns = 200;
  MachineRun saved = measured(request_);
  saved.end.longest_turn_ns = 200;
  const Outcome held = judge(saved);
  EXPECT_EQ(held.kind, OutcomeKind::measured) << held.reason;
  EXPECT_EQ(held.longest_turn_ns, 200);
  saved.end.longest_turn_ns = 201;
  const Outcome broken = judge(saved);
  EXPECT_EQ(broken.kind, OutcomeKind::invalid);
  EXPECT_EQ(
      broken.reason,
      "a CPU had its turn for 201 ns, and the board's slice is 200 ns: the other CPUs stood still for the "
      "bench");
  EXPECT_FALSE(broken.self_check_passed);
  for (const auto& nothing : {std::optional<std::int64_t>(), std::optional<std::int64_t>(0)}) {
    saved.end.longest_turn_ns = nothing;
    EXPECT_THAT(judge(saved).reason, ::testing::StartsWith("the instrument saw no turn of a CPU"));
  }
}

TEST_F(JudgeCell, GivesNoFiguresWhereTheSamplesAreDamaged) {
  const MachineRun saved = measured(request_);
  fs::resize_file(request_.folder / "samples.lgs", 100);
  std::optional<CellFigures> figures;
  EXPECT_EQ(judge(saved, &figures).kind, OutcomeKind::invalid);
  EXPECT_FALSE(figures);
}

// 4 events of 2 frames each are 2 decisions; the frames' own record must be there.
TEST_F(JudgeCell, OfDecisionsCountsAnAnswerForItsFramesAndNeedsTheirRecord) {
  const PulseSettings pulses = pulses_of(request_.work);
  DecisionRequest decisions{pulses};
  decisions.pulses.frames = 2;
  request_.work = decisions;
  const MachineRun saved =
      measured(request_, {.unanswered = 2}, report_of_payload(R"({"events": 4, "decisions": 2})"));
  std::optional<CellFigures> figures;
  const Outcome outcome = judge(saved, &figures);
  EXPECT_EQ(outcome.kind, OutcomeKind::invalid);
  EXPECT_THAT(outcome.reason, ::testing::HasSubstr("frames.lgf: cannot be read"));
  EXPECT_TRUE(outcome.self_check_passed);
  EXPECT_FALSE(figures);
  request_.work = ResponseRequest{pulses};
  EXPECT_EQ(judge(saved).reason, "the payload took 4 stimuli in and answered 2 of them");
}

TEST_F(JudgeCell, OfAKernelWhoseArgumentDidNothingIsInvalidByItsName) {
  plan_.kernels[0].name = "mine";
  plan_.kernels[0].arguments = "threadirqs preempt=full";
  request_.kernel = KernelFiles();
  request_.kernel_arguments = plan_.kernels[0].arguments;
  Report report = good_report();
  report.kernel.command_line = plan_.kernels[0].arguments;
  report.kernel.answers->log = {
      "Unknown kernel command line parameters \"preempt=full\", will be passed to user space."};
  const MachineRun run = measured(request_, {}, report);
  const Outcome refused = judge(run);
  EXPECT_EQ(refused.kind, OutcomeKind::invalid);
  EXPECT_THAT(refused.reason, ::testing::HasSubstr("the kernel argument preempt=full did nothing"));
  EXPECT_THAT(refused.next_step, ::testing::HasSubstr("`arguments` of the kernel mine"));
  const std::string evidence = text_of_file(request_.folder / "evidence.json");
  EXPECT_THAT(evidence, ::testing::HasSubstr(R"("became": "unknown")"));
  EXPECT_THAT(evidence, ::testing::HasSubstr(R"("became": "in effect")"));

  plan_.kernels[0].unknown_arguments_allowed = true;
  request_.kernel->image_sha256 = "image";
  const Outcome allowed = judge(run);
  EXPECT_EQ(allowed.kind, OutcomeKind::measured);
  EXPECT_EQ(allowed.kernel_in_effect_sha256,
            kernel_in_effect_sha256(plan_.kernels[0], *request_.kernel, report));
  EXPECT_NE(allowed.kernel_in_effect_sha256, "");
  ASSERT_FALSE(allowed.unconfirmed_arguments.empty());
  EXPECT_EQ(allowed.unconfirmed_arguments.back().argument, "preempt=full");
  report.kernel.answers.reset();
  EXPECT_EQ(judge(measured(request_, {}, report)).reason,
            "the agent did not say what became of the kernel's arguments");
}

TEST_F(JudgeCell, SaysWhatBecameOfWhatEachFileAsksFor) {
  request_.kernel = KernelFiles();
  request_.kernel->release = good_report().kernel.release;
  request_.job.payload.argv = {"/bin/responder", "--priority", "80"};
  judge(measured(request_));
  const auto rows = read_asked_for(request_.folder);
  ASSERT_TRUE(rows) << rows.error().what;
  std::vector<std::string> files;
  for (const AskedFor& row : *rows)
    if (files.empty() || files.back() != row.by) files.push_back(row.by);
  EXPECT_THAT(files, ::testing::ElementsAre("kernel", "load", "suite", "board"));
  for (const AskedFor& row : *rows)
    EXPECT_FALSE(did_nothing(row.became)) << row.asked << ": " << row.read_back;

  MachineRun failed = measured(request_);
  failed.agent_failed = true;
  judge(failed);
  const auto untold = read_asked_for(request_.folder);
  ASSERT_TRUE(untold);
  EXPECT_EQ(untold->size(), rows->size()) << "what was not read back is not left out";
}

// As of an instrument that kept another interval.
TEST_F(JudgeCell, OfAnotherScheduleThanWasAskedForIsInvalid) {
  CellRequest other = request_;
  std::get<ResponseRequest>(other.work).pulses.interval_min_ns += 100'000;
  const MachineRun saved = measured(other);
  const Outcome outcome = judge(saved);
  EXPECT_EQ(outcome.kind, OutcomeKind::invalid);
  EXPECT_THAT(outcome.reason, ::testing::HasSubstr(" ns off the schedule that was asked for"));
  other = request_;
  std::get<ResponseRequest>(other.work).pulses.counted += 1;
  EXPECT_EQ(judge(measured(other)).reason, "stimulus 10 was not asked for: the schedule has fewer");
}

// The payload heard of 6 of 8: the kernel lost two edges, as the bench's own wire loses none.
TEST_F(JudgeCell, EdgesThatNeverCameToThePayloadAreCounted) {
  const Outcome outcome =
      judge(measured(request_, {.unanswered = 2}, report_of_payload(R"({"events": 6, "responses": 6})")));
  EXPECT_EQ(outcome.kind, OutcomeKind::measured) << outcome.reason;
  EXPECT_EQ(outcome.lost_edges, (LostEdges{8, 6, 0, 0, 0}));
  EXPECT_EQ(judge(measured(request_)).lost_edges, std::nullopt);
  const Outcome late = judge(measured(request_, {.unanswered = 2},
                                      report_of_payload(R"({"events": 6, "responses": 6, "overruns": 2})")));
  EXPECT_EQ(late.lost_edges, std::nullopt) << "the kernel knew them, and had no room for them";
}

// It says that it answered all, and the pin shows one less.
TEST_F(JudgeCell, AnswersThatNeverCameToTheInstrumentAreCounted) {
  const Outcome outcome =
      judge(measured(request_, {.unanswered = 1}, report_of_payload(R"({"events": 8, "responses": 8})")));
  EXPECT_EQ(outcome.kind, OutcomeKind::measured) << outcome.reason;
  EXPECT_EQ(outcome.lost_edges, (LostEdges{8, 8, 0, 0, 0, 1}));
  MachineRun late =
      measured(request_, {.unanswered = 1}, report_of_payload(R"({"events": 8, "responses": 8})"));
  late.end.counts.spurious = 1;
  EXPECT_EQ(judge(late).lost_edges, std::nullopt) << "it came when its stimulus was given up";
}

// Nobody listens any more when the last one is given up.
TEST(LastAnswers, AfterTheEndAreNoLostEdges) {
  const auto left = [](const std::vector<bool>& answered, std::uint64_t unheard) {
    std::vector<Sample> samples;
    for (const bool each : answered)
      samples.emplace_back().flags = sample_sent | (each ? sample_answered : sample_unanswered);
    samples.emplace_back();  // fell due while the last one was waited for
    Outcome outcome;
    outcome.lost_edges = LostEdges{8, 8, 0, 0, 0, unheard};
    leave_out_answers_after_the_end(samples, &outcome);
    return outcome.lost_edges ? outcome.lost_edges->unheard : 0;
  };
  EXPECT_EQ(left({true, true, false}, 1), 0U);
  EXPECT_EQ(left({true, false, false}, 3), 1U);
  EXPECT_EQ(left({false, true, true}, 1), 1U) << "others came behind it";
}

TEST(ShiftedDecisions, OfABoardThatLostAnEdgeAreNotTheKernels) {
  const auto judged = [](TimeBase time_base, std::optional<LostEdges> lost, std::uint64_t wrong_frame) {
    Outcome outcome;
    outcome.kind = OutcomeKind::measured;
    outcome.lost_edges = lost;
    DecisionCounts decisions;
    decisions.wrong_frame = wrong_frame;
    judge_shifted_decisions(time_base, decisions, &outcome);
    return outcome;
  };
  const LostEdges one{1'000, 999, 0, 200, 0};
  const Outcome shifted = judged(TimeBase::wall_clock, one, 40);
  EXPECT_EQ(shifted.kind, OutcomeKind::invalid);
  EXPECT_EQ(shifted.reason,
            "1 of 1,000 edges never came to the payload, which numbers its frames by those that come: 40 "
            "decisions are of another frame than the one that waited");
  EXPECT_EQ(judged(TimeBase::virtual_time, one, 40).kind, OutcomeKind::measured) << "that wire loses none";
  EXPECT_EQ(judged(TimeBase::wall_clock, std::nullopt, 40).kind, OutcomeKind::measured) << "its own fault";
  EXPECT_EQ(judged(TimeBase::wall_clock, one, 0).kind, OutcomeKind::measured) << "none came after it";
  const LostEdges unheard{1'000, 1'000, 0, 200, 0, 1};
  EXPECT_EQ(judged(TimeBase::wall_clock, unheard, 40).kind, OutcomeKind::measured)
      << "all came: its own fault";
}

TEST_F(JudgeCell, OfAPayloadThatAnswersTheOtherEdgeIsInvalid) {
  const int all = static_cast<int>(pulses_of(request_.work).counted + pulses_of(request_.work).warm_up);
  MachineRun run =
      measured(request_, {.unanswered = all - 1}, report_of_payload(R"({"events": 7, "responses": 7})"));
  run.end.counts.answered = 2;  // the self-checks alone
  run.end.counts.unanswered = 8;
  run.end.counts.spurious = 8;
  const Outcome outcome = judge(run);
  EXPECT_EQ(outcome.kind, OutcomeKind::invalid);
  EXPECT_EQ(outcome.reason,
            "the payload answered 8 of 8 stimuli after they had ended, and none before: it answers the "
            "falling edge, "
            "and the suite's stimulus is the rising one; or it takes longer than the response timeout");
  EXPECT_THAT(outcome.next_step, ::testing::HasSubstr("--edge {edge}"));
}

TEST_F(JudgeCell, OfALoadOnOtherCpusIsInvalid) {
  plan_.board.housekeeping_cpus = {0, 2};
  plan_.loads[0].parts[0].cpus = LoadCpus::housekeeping;
  const auto ran_on = [&](const char* cpus) {
    Report report = good_report();
    report.parts[0].cpus = cpus;
    return judge(measured(request_, {}, report));
  };
  for (const char* good : {"0,2", "2"}) EXPECT_EQ(ran_on(good).kind, OutcomeKind::measured) << good;
  EXPECT_EQ(ran_on("0,1,2").reason, "load part sink was to run on CPUs 0,2 and might run on 0,1,2");
  EXPECT_EQ(ran_on("1").kind, OutcomeKind::invalid);
  EXPECT_EQ(ran_on("").reason, "load part sink was to run on CPUs 0,2 and nobody saw where it ran");
  plan_.loads[0].parts[0].cpus = LoadCpus::any;
  EXPECT_EQ(ran_on("").kind, OutcomeKind::measured);
}

// The payload's words were exchanged: it answered on the input pin, and took nothing in.
TEST_F(JudgeCell, WithoutAnAnswerIsInvalid) {
  const int all = static_cast<int>(pulses_of(request_.work).counted);
  const Outcome outcome =
      judge(measured(request_, {.unanswered = all}, report_of_payload(R"({"events": 0, "responses": 0})")));
  EXPECT_EQ(outcome.kind, OutcomeKind::invalid);
  EXPECT_THAT(outcome.reason, ::testing::HasSubstr("counted stimuli was answered"));
  EXPECT_THAT(outcome.next_step, ::testing::HasSubstr("exchanged"));
}

TEST_F(JudgeCell, OfAKernelThatRunsWithoutAnArgumentIsInvalid) {
  request_.kernel.emplace();
  request_.kernel_arguments = "threadirqs";
  Report report = good_report();
  report.kernel.command_line = "console=ttyAMA0 threadirqs";
  EXPECT_EQ(judge(measured(request_, {}, report)).kind, OutcomeKind::measured);
  report.kernel.command_line = "console=ttyAMA0";
  const Outcome outcome = judge(measured(request_, {}, report));
  EXPECT_EQ(outcome.kind, OutcomeKind::invalid);
  EXPECT_THAT(outcome.reason, ::testing::HasSubstr("without the argument threadirqs"));
}

TEST_F(JudgeCell, OfAPayloadWithoutItsPriorityOrOnFewerCpusIsInvalid) {
  request_.job.payload.argv = {"/bin/responder", "--priority", "80"};
  const auto printed = [](int priority) {
    return report_of_payload(
        fmt::format(R"({{"events": 8, "responses": 8, "priority_read_back": {}}})", priority));
  };
  EXPECT_EQ(judge(measured(request_, {}, printed(80))).kind, OutcomeKind::measured);
  EXPECT_EQ(judge(measured(request_, {}, printed(1))).reason,
            "the payload had the real-time priority 1 at its end; its command asks for 80");
  plan_.board.cpus = 4;
  EXPECT_EQ(judge(measured(request_, {}, printed(80))).reason,
            "board qemu-virt-arm64 has 4 CPUs by its file, and the kernel ran on 2");
}

TEST_F(JudgeCell, OfAnotherKernelIsInvalid) {
  request_.kernel.emplace();
  request_.kernel->release = "6.12.118-rt";
  const Outcome outcome = judge(measured(request_));
  EXPECT_EQ(outcome.kind, OutcomeKind::invalid);
  EXPECT_EQ(outcome.reason, "uname -r is 6.12.117+deb13-rt-arm64, and 6.12.118-rt was to be booted");
}

TEST(SetInvalid, KeepsTheFirstReason) {
  Outcome outcome;
  outcome.kind = OutcomeKind::measured;
  set_invalid(&outcome, "the cause", "mend it");
  set_invalid(&outcome, "what followed");
  EXPECT_EQ(outcome.kind, OutcomeKind::invalid);
  EXPECT_EQ(outcome.reason, "the cause");
  EXPECT_EQ(outcome.next_step, "mend it");
  outcome.kind = OutcomeKind::kernel_failed;
  set_invalid(&outcome, "what followed");
  EXPECT_EQ(outcome.kind, OutcomeKind::kernel_failed) << "a kernel that died explains the rest";
}

}  // namespace
}  // namespace loopgate::judge_test
