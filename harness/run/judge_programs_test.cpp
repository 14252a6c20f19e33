#include "run/judge_programs.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/testing/temp_folder.h"
#include "record/programs_file.h"

namespace loopgate {
namespace {

using ::testing::HasSubstr;

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
  const auto recorded = [](const char* name) {
    return text_of_file(std::string(LOOPGATE_SOURCE_DIR) + "/fixtures/recordings/programs/" + name);
  };
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
  ProgramsWork work;
  work.programs = {pip_stress(), pip_stress()};
  work.programs[1].name = "other";
  Report report;
  report.programs = {report_of("exited 0", handled)};
  CellRequest request;
  request.cell = "rt.mixed";
  request.folder = folder.path();
  Outcome outcome;
  outcome.kind = OutcomeKind::measured;
  judge_programs(work, request, report, Board(), &outcome);
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
  ProgramsWork work;
  work.programs = {program};
  Report report;
  report.programs = {report_of("exited 0", "")};
  report.programs[0].name = "mutex";
  report.programs[0].file =
      text_of_file(std::string(LOOPGATE_SOURCE_DIR) + "/fixtures/recordings/programs/ptsematest.json");
  const auto rows = asked_of_programs(work, report);
  const auto row = [&](const std::string& asked) {
    return *std::ranges::find_if(rows, [&](const AskedFor& each) { return each.asked == asked; });
  };
  EXPECT_EQ(row("mutex").became, AskedState::in_effect);
  EXPECT_EQ(row("mutex: --prio 80").became, AskedState::in_effect);
  EXPECT_EQ(row("mutex: --loops 500").became, AskedState::not_told);
  report.programs[0].missing = "no such program";
  EXPECT_EQ(asked_of_programs(work, report).front().became, AskedState::not_in_effect);
}

}  // namespace
}  // namespace loopgate
