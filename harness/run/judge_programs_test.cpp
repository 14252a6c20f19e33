#include "run/judge_programs.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/testing/temp_folder.h"
#include "record/programs_file.h"

namespace loopgate::judge_programs_test {
namespace {

using ::testing::HasSubstr;

std::string recorded(const std::string& name) {
  return text_of_file(std::string(LOOPGATE_SOURCE_DIR) + "/fixtures/recordings/programs/" + name);
}

SuiteProgram pip_stress() {
  SuiteProgram program;
  program.name = "inversion";
  program.adapter = &pip_stress_program();
  program.timeout_s = 5;
  return program;
}

ProgramReport report_of(const std::string& exit, const std::string& printed) {
  ProgramReport report;
  report.name = "inversion";
  report.exit = exit;
  report.output = printed;
  report.began = std::chrono::milliseconds(5);
  report.ended = std::chrono::milliseconds(7);
  return report;
}

constexpr const char* handled = "Successfully used priority inheritance to handle an inversion\n";

TEST(JudgeProgram, ReadsHowItEndedAndWhatItPrinted) {
  const auto verdict = [](const ProgramReport& report) {
    return judge_program(pip_stress(), &report).verdict;
  };
  EXPECT_EQ(verdict(report_of("exited 0", handled)), ProgramVerdict::pass);
  EXPECT_EQ(verdict(report_of("exited 0", "No inversion incurred\n")), ProgramVerdict::inconclusive);
  EXPECT_EQ(verdict(report_of("exited 1", handled)), ProgramVerdict::invalid);
  EXPECT_EQ(verdict(report_of("signal 11", handled)), ProgramVerdict::invalid);
  EXPECT_EQ(verdict(report_of("still runs", handled)), ProgramVerdict::invalid);
}

TEST(JudgeProgram, SaysWhyThereIsNothingToRead) {
  ProgramReport late = report_of("signal 9", handled);
  late.timed_out = true;
  EXPECT_THAT(judge_program(pip_stress(), &late).reason, HasSubstr("did not end within its time"));
  ProgramReport cut = report_of("exited 0", handled);
  cut.cut_off = true;
  EXPECT_THAT(judge_program(pip_stress(), &cut).reason, HasSubstr("was cut off"));
  ProgramReport lacking;
  lacking.missing = "it needs 2 CPUs, and 1 is online";
  const ProgramResult result = judge_program(pip_stress(), &lacking);
  EXPECT_EQ(result.verdict, ProgramVerdict::not_applicable);
  EXPECT_EQ(result.reason, lacking.missing);
  EXPECT_THAT(judge_program(pip_stress(), nullptr).reason, HasSubstr("not in the agent's report"));
}

// A path's time in instructions, where each takes the same time, and only there.
TEST(JudgeProgram, CountsInstructionsWhereTheyTakeAFixedTime) {
  SuiteProgram program;
  program.adapter = &google_benchmark_program();
  ProgramReport report = report_of("exited 0", recorded("google-benchmark.txt"));
  report.file = recorded("google-benchmark.json");
  const auto figures = [&](std::optional<std::int64_t> ns) {
    return judge_program(program, &report, ns).figures;
  };
  ASSERT_EQ(figures({}).front().name, "mean");
  const double mean = figures({}).front().value;
  EXPECT_EQ(figures(1).front(), (ProgramFigure{"instructions", mean, "instructions", "", 0}));
  EXPECT_EQ(figures(4).front().value, mean / 4);
  EXPECT_EQ(figures(4).size(), figures({}).size() + 1);
  report.file->insert(1, "\"idle\":true,");
  EXPECT_EQ(figures(1).front().name, "mean") << "time that lies idle is no path";
  report.exit = "exited 1";
  EXPECT_TRUE(figures(1).empty());
  Board board;
  board.kind.emplace<QemuBoard>().icount_shift = 2;
  EXPECT_EQ(board.ns_per_instruction(), 4);
  board.kind = SshBoard{};
  EXPECT_FALSE(board.ns_per_instruction());
}

TEST(JudgePrograms, LeavesTheirResultsAndWhatTheyLeft) {
  const TempFolder folder;
  std::vector<SuiteProgram> programs = {pip_stress(), pip_stress()};
  programs[1].name = "other";
  Report report;
  report.programs = {report_of("exited 0", handled)};
  CellRequest request;
  request.cell = "rt.mixed";
  request.folder = folder.path();
  Outcome outcome;
  outcome.kind = OutcomeKind::measured;
  judge_programs(programs, request, report, Board(), &outcome);
  EXPECT_EQ(outcome.kind, OutcomeKind::measured);
  const auto read = load_programs(folder.path(), outcome.sha256_of(programs_artifact));
  ASSERT_TRUE(read) << read.error().what;
  ASSERT_EQ(read->file.programs.size(), 2U);
  EXPECT_EQ(read->file.programs[0].result.verdict, ProgramVerdict::pass);
  EXPECT_EQ(read->file.programs[0].began_ns, 5'000'000);
  EXPECT_EQ(read->file.programs[1].result.verdict, ProgramVerdict::invalid) << "the agent did not tell of it";
  const auto left = nlohmann::json::parse(text_of_file(program_file(folder.path(), "inversion")));
  EXPECT_EQ(left["stdout"], handled);
}

TEST(JudgePrograms, SayWhatBecameOfEachAndOfItsOptions) {
  SuiteProgram program;
  program.name = "mutex";
  program.adapter = &ptsematest_program();
  program.order.loops = 500;
  program.order.scheduling = ProgramScheduling{"fifo", 80};
  const std::vector<SuiteProgram> programs = {program};
  Report report;
  report.programs = {report_of("exited 0", "")};
  report.programs[0].name = "mutex";
  report.programs[0].file =
      text_of_file(std::string(LOOPGATE_SOURCE_DIR) + "/fixtures/recordings/programs/ptsematest.json");
  const auto rows = asked_of_programs(programs, report);
  const auto row = [&](const std::string& asked) {
    return *std::ranges::find_if(rows, [&](const AskedFor& each) { return each.asked == asked; });
  };
  EXPECT_EQ(row("mutex").became, AskedState::in_effect);
  EXPECT_EQ(row("mutex: --prio 80").became, AskedState::in_effect);
  EXPECT_EQ(row("mutex: --loops 500").became, AskedState::not_told);
  report.programs[0].missing = "no such program";
  EXPECT_EQ(asked_of_programs(programs, report).front().became, AskedState::not_in_effect);
}

// ---- What it was told, and did otherwise ----

ProgramReport recorded_report(const std::string& name) {
  ProgramReport report = report_of("exited 0", recorded(name + ".txt"));
  report.file = recorded(name + ".json");
  return report;
}

// Each of 500 loops by its recording, which were over in 2 ms.
TEST(JudgeProgram, IsInvalidWhereItEndedBeforeItsDuration) {
  SuiteProgram program;
  program.adapter = &ptsematest_program();
  program.order.duration_s = 1;
  program.timeout_s = 5;
  ProgramReport report = recorded_report("ptsematest");
  const auto judged = [&] { return judge_program(program, &report); };
  EXPECT_EQ(judged().verdict, ProgramVerdict::invalid);
  EXPECT_EQ(judged().reason, "it was to measure for 1 s, and ended 0.002 s after it began");
  EXPECT_TRUE(judged().figures.empty());
  report.ended = *report.began + std::chrono::nanoseconds(999'999'999);
  EXPECT_THAT(judged().reason, HasSubstr("ended 0.999999999 s after"));
  report.ended = *report.began + std::chrono::seconds(1);
  EXPECT_EQ(judged().verdict, ProgramVerdict::pass) << judged().reason;
  report.ended.reset();
  EXPECT_THAT(judged().reason, HasSubstr("nobody noted when it ended"));
  report.told_to_end = true;
  EXPECT_EQ(judged().verdict, ProgramVerdict::pass) << "beside a payload";
}

TEST(JudgeProgram, FailsWhereItStoppedAtItsLimitBeforeItsDuration) {
  SuiteProgram program;
  program.adapter = &ptsematest_program();
  program.order.arguments = {"-b", "1"};
  program.order.duration_s = 1;
  const ProgramReport report = recorded_report("ptsematest-limit");
  EXPECT_EQ(judge_program(program, &report).verdict, ProgramVerdict::fail);
}

TEST(JudgeProgram, IsInvalidWhereItHadAnotherOptionThanItWasGiven) {
  SuiteProgram program;
  program.adapter = &ptsematest_program();
  program.order.scheduling = ProgramScheduling{"fifo", 80};
  ProgramReport report = recorded_report("ptsematest");
  EXPECT_EQ(judge_program(program, &report).verdict, ProgramVerdict::pass);
  program.order.scheduling->priority = 79;
  const ProgramResult other = judge_program(program, &report);
  EXPECT_EQ(other.verdict, ProgramVerdict::invalid);
  EXPECT_EQ(other.reason, "it was given --prio 79, and by its own word it had 80");
  EXPECT_TRUE(other.figures.empty());
  program.order.arguments = {"-b", "1"};
  report = recorded_report("ptsematest-limit");
  EXPECT_EQ(judge_program(program, &report).verdict, ProgramVerdict::invalid)
      << "a limit passed under another priority blames no kernel";
  program = {};
  program.adapter = &google_benchmark_program();
  program.order.scheduling = ProgramScheduling{"rr", 80};
  report = recorded_report("google-benchmark-part");
  EXPECT_EQ(judge_program(program, &report).reason,
            "it was given --policy rr, and by its own word it had fifo");
  program = {};
  program.adapter = &cyclictest_program();
  program.order.arguments = {"--threads", "4"};
  program.order.loops = 500;
  report = recorded_report("cyclictest");
  EXPECT_EQ(judge_program(program, &report).reason, "it was given --threads 4, and by its own word it had 1");
}

// ---- cyclictest beside a payload: its own recording, of 500 cycles ----

SuiteProgram cyclictest() {
  SuiteProgram program;
  program.name = "cyclictest";
  program.adapter = &cyclictest_program();
  program.order.scheduling = ProgramScheduling{"fifo", 80};
  program.timeout_s = 60;
  return program;
}

ProgramReport told_to_end() {
  ProgramReport report = report_of("exited 0", recorded("cyclictest.txt"));
  report.name = "cyclictest";
  report.told_to_end = true;
  report.file = recorded("cyclictest.json");
  return report;
}

TEST(ProgramBeside, PassesWhenItWasToldToEnd) {
  const ProgramReport report = told_to_end();
  const ProgramResult result = judge_program(cyclictest(), &report);
  EXPECT_EQ(result.verdict, ProgramVerdict::pass) << result.reason;
  EXPECT_EQ(result.figures.at(0).value, 500);
}

TEST(ProgramBeside, IsInvalidWhereItDiedWasKilledOrPrintedRubbish) {
  const auto why = [](auto alter) {
    ProgramReport report = told_to_end();
    alter(&report);
    const ProgramResult result = judge_program(cyclictest(), &report);
    EXPECT_EQ(result.verdict, ProgramVerdict::invalid);
    return result.reason;
  };
  EXPECT_THAT(why([](ProgramReport* each) { each->told_to_end = false; }),
              HasSubstr("ended by itself, and it had neither loops nor a duration"));
  EXPECT_THAT(why([](ProgramReport* each) { each->exit = "signal 9"; }), HasSubstr("died by signal 9"));
  EXPECT_THAT(why([](ProgramReport* each) { each->timed_out = true; }), HasSubstr("did not end within"));
  EXPECT_THAT(why([](ProgramReport* each) { each->file.reset(); }), HasSubstr("wrote no JSON file"));
  EXPECT_THAT(why([](ProgramReport* each) { each->file->resize(each->file->size() / 2); }),
              HasSubstr("its JSON file is no JSON object: it was cut off (line "));
  EXPECT_THAT(why([](ProgramReport* each) { each->output = "rubbish\n"; }), HasSubstr("did not print"));
  EXPECT_THAT(why([](ProgramReport* each) { each->exit = "exited 1"; }), HasSubstr("exited with 1"));
}

TEST(ProgramBeside, MayEndAfterItsLoopsOrBeToldBeforeThem) {
  SuiteProgram program = cyclictest();
  ProgramReport report = told_to_end();
  program.order.loops = 500;
  report.told_to_end = false;
  EXPECT_EQ(judge_program(program, &report).verdict, ProgramVerdict::pass);
  program.order.loops = 1'000;
  EXPECT_EQ(judge_program(program, &report).verdict, ProgramVerdict::invalid);
  report.told_to_end = true;
  EXPECT_EQ(judge_program(program, &report).verdict, ProgramVerdict::pass);
}

TEST(ProgramBeside, IsKeptWithTheTimeInWhichStimuliCame) {
  const TempFolder folder;
  Report report;
  report.programs = {told_to_end()};
  report.timing.ready = std::chrono::milliseconds(6);
  report.timing.stopped = std::chrono::milliseconds(9);
  CellRequest request;
  request.cell = "rt.mixed";
  request.folder = folder.path();
  request.job.payload.argv = {"/bin/responder"};
  Outcome outcome;
  outcome.kind = OutcomeKind::measured;
  judge_programs({cyclictest()}, request, report, Board(), &outcome);
  EXPECT_EQ(outcome.records, 0U) << "the samples are counted, not the program";
  const auto read = load_programs(folder.path(), outcome.sha256_of(programs_artifact));
  ASSERT_TRUE(read) << read.error().what;
  EXPECT_EQ(read->file.stimuli, (StimuliTime{6'000'000, 9'000'000}));
}

}  // namespace
}  // namespace loopgate::judge_programs_test
