#include "run/plan.h"

#include <gmock/gmock.h>

#include <set>

#include "base/testing/temp_folder.h"
#include "run/fits.h"
#include "run/job.h"

namespace loopgate::plan_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

PlanRequest of_own_suite() {
  PlanRequest request;
  request.suite = "irq-to-gpio";
  return request;
}

Result<Plan> plan_of(const PlanRequest& request) { return make_plan(request, Catalog(LOOPGATE_SOURCE_DIR)); }

std::string refusal(const PlanRequest& request) {
  const auto plan = plan_of(request);
  if (plan) return "accepted";
  EXPECT_EQ(plan.error().kind, ErrorKind::usage);
  return plan.error().what;
}

std::vector<std::string> names_of(const Plan& plan) {
  std::vector<std::string> names;
  for (const Cell& cell : plan.cells) names.push_back(cell.name);
  return names;
}

TEST(Plan, TakesTheSuitesOwnListsWhenNothingIsAskedFor) {
  const auto plan = plan_of(of_own_suite());
  ASSERT_TRUE(plan) << plan.error().what;
  EXPECT_EQ(plan->board.name, plan->suite.board);
  const StimulusSchedule& schedule = schedule_of(plan->suite.work);
  EXPECT_EQ(plan->repeat, schedule.replicates);
  EXPECT_EQ(plan->samples * plan->repeat, schedule.samples);
  std::vector<std::string> kernels;
  for (const Kernel& kernel : plan->kernels) kernels.push_back(kernel.name);
  EXPECT_EQ(kernels, plan->suite.kernels);
  EXPECT_EQ(plan->cells.size(),
            plan->suite.kernels.size() * plan->suite.loads.size() * static_cast<std::size_t>(plan->repeat));
}

// Named by the pair, so that cells, policies and pictures know them apart.
TEST(Plan, MeasuresEachContenderOnEachKernelByItsOwnCommand) {
  PlanRequest request;
  request.suite = "responder-go";
  request.kernels = {"generic+cpp", "preempt-rt"};
  request.loads = {"idle"};
  request.repeat = 1;
  const auto plan = plan_of(request);
  ASSERT_TRUE(plan) << plan.error().what;
  const auto names = names_of(*plan);
  ASSERT_EQ(names.size(), 1 + payload_of(plan->suite.work).contenders.size());
  EXPECT_THAT(names, ::testing::IsSupersetOf({"generic+cpp.idle", "preempt-rt+cpp.idle", "preempt-rt+go.idle",
                                              "preempt-rt+alloc-off.idle"}));
  for (const Cell& cell : plan->cells) {
    const auto command = payload_command(*plan, cell);
    const bool cpp = cell.name.find("+cpp.") != std::string::npos;
    EXPECT_EQ(command.front(), cpp ? "/bin/responder" : "/bin/responder_go") << cell.name;
    EXPECT_THAT(command, ::testing::Not(::testing::Contains(HasSubstr("{")))) << cell.name;
    EXPECT_EQ(cell.seed, plan->cells.front().seed) << "all of a replicate meet equal stimuli";
  }
  request.kernels = {"generic+nobody"};
  EXPECT_THAT(refusal(request), HasSubstr("there is no kernel \"generic+nobody\""));
  request.kernels = {"generic", "generic+go"};
  EXPECT_THAT(refusal(request), HasSubstr("kernel generic+go is named twice"));
}

// One trajectory of 300 stimuli says more than eight of 38, none of which would resolve p99.
TEST(Plan, SpreadsTheSamplesOverReplicatesNoThinnerThanTheSuite) {
  PlanRequest request = of_own_suite();
  request.kernels = {"generic"};
  const StimulusSchedule schedule = schedule_of(plan_of(request).value().suite.work);
  ASSERT_EQ(schedule.samples, 10'000);
  ASSERT_EQ(schedule.replicates, 8);
  struct Spread {
    int samples;
    int replicates;
    int of_each;
  };
  for (const Spread& spread : {Spread{300, 1, 300},
                               {2'499, 1, 2'499},
                               {2'500, 2, 1'250},
                               {9'999, 7, 1'429},
                               {10'000, 8, 1'250},
                               {10'001, 8, 1'251},
                               {100'000'000, 8, 12'500'000}}) {
    request.samples = spread.samples;
    const Plan plan = plan_of(request).value();
    EXPECT_EQ(plan.repeat, spread.replicates) << spread.samples;
    EXPECT_EQ(plan.samples, spread.of_each) << spread.samples;
    EXPECT_EQ(plan.cells.size(), static_cast<std::size_t>(spread.replicates));
  }
}

TEST(Plan, GivesEachReplicateThatIsAskedForAllTheSamples) {
  PlanRequest request = of_own_suite();
  request.repeat = 3;
  request.samples = 10'000;
  EXPECT_EQ(plan_of(request)->samples, 10'000);
  EXPECT_EQ(plan_of(request)->repeat, 3);
  request.repeat = 0;
  request.repetition = 2;
  EXPECT_EQ(plan_of(request)->samples, 10'000) << "one of them alone is as it was among the others";
}

TEST(Plan, OrdersCellsByLoadThenRepetitionThenKernel) {
  PlanRequest request = of_own_suite();
  request.kernels = {"preempt-rt", "generic"};
  request.loads = {"mixed", "idle"};
  request.repeat = 2;
  request.samples = 50;
  const Plan plan = plan_of(request).value();
  EXPECT_EQ(plan.samples, 50);
  EXPECT_THAT(names_of(plan),
              ElementsAre("preempt-rt.mixed", "generic.mixed", "preempt-rt.mixed.2", "generic.mixed.2",
                          "preempt-rt.idle", "generic.idle", "preempt-rt.idle.2", "generic.idle.2"));
  const Cell& cell = plan.cells[3];
  EXPECT_EQ(plan.kernels[cell.kernel].name, "generic");
  EXPECT_EQ(plan.loads[cell.load].name, "mixed");
  EXPECT_EQ(cell.repetition, 2);
}

TEST(Plan, EqualRepetitionsShareTheirSeedAndOthersDoNot) {
  PlanRequest request = of_own_suite();
  request.kernels = {"preempt-rt", "generic"};
  request.loads = {"mixed", "idle"};
  request.repeat = 3;
  std::set<std::uint64_t> seeds;
  for (const std::uint64_t seed : {1ULL, 2ULL}) {
    request.seed = seed;
    const Plan plan = plan_of(request).value();
    for (const Cell& cell : plan.cells) {
      EXPECT_EQ(cell.seed, plan.cells[static_cast<std::size_t>(cell.repetition - 1) * 2].seed) << cell.name;
      seeds.insert(cell.seed);
    }
  }
  EXPECT_EQ(seeds.size(), 6U);
}

// Worked out beside: SplitMix64's output function over the run's seed and the repetition.
TEST(Plan, SeedsDoNotChangeBetweenVersions) {
  PlanRequest request = of_own_suite();
  request.kernels = {"generic"};
  request.repeat = 2;
  const Plan plan = plan_of(request).value();
  EXPECT_EQ(plan.cells.at(0).seed, 9'716'232'063'330'790'915ULL);
  EXPECT_EQ(plan.cells.at(1).seed, 13'608'149'317'741'381'227ULL);
}

TEST(Plan, OfOneRepetitionHasItAloneAndUnchanged) {
  PlanRequest request = of_own_suite();
  request.kernels = {"generic", "preempt-rt"};
  request.loads = {"idle"};
  request.repeat = 3;
  const Plan all = plan_of(request).value();
  request.repetition = 2;
  const Plan one = plan_of(request).value();
  EXPECT_THAT(names_of(one), ElementsAre("generic.idle.2", "preempt-rt.idle.2"));
  EXPECT_EQ(one.repetition, 2) << "run.json says that no other was asked for";
  EXPECT_EQ(all.repetition, 0);
  EXPECT_EQ(one.cells[0].seed, all.cells[2].seed);
  request.repeat = 0;  // needs no --repeat
  request.repetition = 5;
  EXPECT_THAT(names_of(plan_of(request).value()), ElementsAre("generic.idle.5", "preempt-rt.idle.5"));
  request.repetition = 1;
  EXPECT_THAT(names_of(plan_of(request).value()), ElementsAre("generic.idle", "preempt-rt.idle"));
}

TEST(Plan, GivesTheFramesOfASuiteWithDecisions) {
  PlanRequest request = of_own_suite();
  EXPECT_FALSE(pulses_of(plan_of(request).value(), Cell{}).decisions);
  request.suite = "inspection-adas";
  const Plan plan = plan_of(request).value();
  const PulseSettings pulses = pulses_of(plan, plan.cells[0]);
  const auto& work = std::get<DecisionWork>(plan.suite.work);
  EXPECT_TRUE(pulses.decisions);
  EXPECT_EQ(pulses.frames, static_cast<std::uint32_t>(work.frames));
  EXPECT_EQ(pulses.frame_interval_ns, work.frame_interval_ns);
}

TEST(Plan, GivesTheScheduleOfTheSuite) {
  PlanRequest request = of_own_suite();
  request.samples = 77;
  const Plan plan = plan_of(request).value();
  const PulseSettings pulses = pulses_of(plan, plan.cells[0]);
  const StimulusSchedule& schedule = schedule_of(plan.suite.work);
  EXPECT_EQ(pulses.seed, plan.cells[0].seed);
  EXPECT_EQ(pulses.counted, 77U);
  EXPECT_EQ(pulses.interval_min_ns, schedule.interval_min_ns);
  EXPECT_EQ(pulses.interval_max_ns, schedule.interval_max_ns);
  EXPECT_EQ(pulses.warm_up, static_cast<std::uint32_t>(schedule.warm_up));
  EXPECT_EQ(pulses.self_checks, static_cast<std::uint32_t>(schedule.self_checks));
  EXPECT_EQ(pulses.deadline_ns, schedule.deadline_ns);
  EXPECT_EQ(pulses.response_timeout_ns, schedule.response_timeout_ns);
}

TEST(Plan, RefusesWhatIsUnknown) {
  PlanRequest suite = of_own_suite();
  suite.suite = "nothing";
  EXPECT_EQ(refusal(suite), "there is no suite \"nothing\"");
  PlanRequest board = of_own_suite();
  board.board = "nothing";
  EXPECT_EQ(refusal(board), "there is no board \"nothing\"");
  PlanRequest kernel = of_own_suite();
  kernel.kernels = {"generic", "nothing"};
  EXPECT_EQ(refusal(kernel), "there is no kernel \"nothing\"");
  PlanRequest load = of_own_suite();
  load.loads = {"nothing"};
  EXPECT_EQ(refusal(load), "there is no load \"nothing\"");
}

TEST(Plan, RefusesWhatIsNamedTwice) {
  PlanRequest kernels = of_own_suite();
  kernels.kernels = {"generic", "preempt-rt", "generic"};
  EXPECT_EQ(refusal(kernels), "kernel generic is named twice");
  PlanRequest loads = of_own_suite();
  loads.loads = {"idle", "idle"};
  EXPECT_EQ(refusal(loads), "load idle is named twice");
}

TEST(Plan, RefusesABoardThatDoesNotProvideWhatTheSuiteRequires) {
  const TempFolder folder;
  std::string text = text_of_file(std::string(LOOPGATE_SOURCE_DIR) + "/boards/qemu-virt-arm64.toml");
  text.replace(text.find("\"irq-to-gpio\""), 13, "\"nothing\"");
  PlanRequest request = of_own_suite();
  request.board = folder.write("bare.toml", text).string();
  EXPECT_EQ(refusal(request), "suite irq-to-gpio requires irq-to-gpio, which board bare does not provide");
}

class PlanOfABoard : public ::testing::Test {
 protected:
  PlanOfABoard() {
    request_.suite = "irq-to-gpio";
    request_.board = "raspberry-pi-4b";
    request_.kernels = {"generic"};
    request_.loads = {"idle"};
    request_.lab = folder_.write("lab.toml", "[raspberry-pi-4b]\nssh = \"pi\"\n[x86-pc]\nssh = \"pc\"\n");
  }
  TempFolder folder_;
  PlanRequest request_;
};

TEST_F(PlanOfABoard, KnowsItsBench) {
  const Plan plan = plan_of(request_).value();
  EXPECT_EQ(plan.board.time_base(), TimeBase::wall_clock);
  EXPECT_EQ(plan.lab.ssh, "pi");
  EXPECT_EQ(boot_of(plan, plan.cells[0]), "generic.1");
}

TEST_F(PlanOfABoard, NeedsABench) {
  request_.lab = folder_.path() / "absent.toml";
  EXPECT_THAT(refusal(request_), HasSubstr("absent.toml: there is no such file"));
  request_.board = "qemu-virt-arm64";
  EXPECT_EQ(refusal(request_), "accepted") << "the virtual bench needs none";
}

TEST_F(PlanOfABoard, RefusesAKernelOfAnotherArchitecture) {
  request_.board = "x86-pc";
  folder_.write("lab.toml",
                "[x86-pc]\nssh = \"pc\"\ngpio_chip = \"c\"\nroot = \"/dev/sda2\"\n[x86-pc.lines]\n"
                "stimulus = 1\nresponse = 2\nstimulus_out = 3\nresponse_in = 4\n");
  EXPECT_EQ(refusal(request_), "accepted") << "Debian has its kernels for both";
  request_.kernels = {
      folder_.write("pi.toml", "title = \"t\"\n[source]\npackage = \"linux-image-arm64\"\n").string()};
  EXPECT_EQ(refusal(request_), "kernel pi (linux-image-arm64) is for arm64, and board x86-pc is amd64");
}

TEST_F(PlanOfABoard, RefusesPinsThatNobodyNamed) {
  request_.board = "x86-pc";
  EXPECT_THAT(refusal(request_), HasSubstr("board x86-pc leaves its pins to its bench"));
}

TEST_F(PlanOfABoard, RefusesASuiteOrALoadThatItCannotServe) {
  request_.loads = {"idle", "irq-storm"};
  EXPECT_EQ(refusal(request_),
            "load irq-storm needs interrupt-storm, which board raspberry-pi-4b does not provide");
}

TEST_F(PlanOfABoard, RefusesDecisionsWhereTheBenchHasNoJumperForTheVerdict) {
  request_.suite = "inspection";
  EXPECT_EQ(refusal(request_), "accepted");
  const std::string lines =
      "[raspberry-pi-4b]\nssh = \"pi\"\n[raspberry-pi-4b.lines]\nstimulus = 1\nresponse = 2\n"
      "stimulus_out = 3\nresponse_in = 4\n";
  folder_.write("lab.toml", lines);
  EXPECT_EQ(
      refusal(request_),
      "suite inspection needs the payload's verdict, and board raspberry-pi-4b has no lines verdict and "
      "verdict_in, as it is wired on this bench");
  folder_.write("lab.toml", lines + "verdict = 5\nverdict_in = 6\n");
  EXPECT_EQ(refusal(request_), "accepted");
}

TEST_F(PlanOfABoard, RefusesOneWithoutTheLoopbackProgramsLines) {
  std::string text = text_of_file(std::string(LOOPGATE_SOURCE_DIR) + "/boards/raspberry-pi-4b.toml");
  for (const std::string line : {"stimulus_out = 27", "response_in = 24", "verdict = 16", "verdict_in = 20",
                                 ", \"loopback\"", ", \"decisions\""})
    text.erase(text.find(line), line.size());
  request_.board = folder_.write("bare.toml", text).string();
  folder_.write("lab.toml", "[bare]\nssh = \"pi\"\n");
  EXPECT_EQ(refusal(request_),
            "board bare has no stimulus_out and response_in, and the loopback program is to measure");
}

TEST(Plan, KnowsWhereTheLoopbackProgramMeasures) {
  ResponseWork work;
  Board board;
  EXPECT_FALSE(loopback_measures(work, board));
  work.loopback = true;
  EXPECT_TRUE(loopback_measures(work, board));
  work.loopback = false;
  EXPECT_FALSE(loopback_measures(DecisionWork(), board));
  board.kind = SshBoard();
  EXPECT_TRUE(loopback_measures(work, board));
  EXPECT_TRUE(loopback_measures(DecisionWork(), board));
  EXPECT_FALSE(loopback_measures(ProgramsWork(), board));
}

TEST(Plan, PassesOnWhatIsWrongInAFile) {
  const TempFolder folder;
  PlanRequest request = of_own_suite();
  request.loads = {folder.write("odd.toml", "title = 3\n").string()};
  EXPECT_THAT(refusal(request), HasSubstr("odd.toml:1: title must be a string"));
}

// A cell's name is its folder's: two cells of one name would write over each other.
TEST(Plan, RefusesLoadsWhoseCellsWouldShareAName) {
  const TempFolder folder;
  PlanRequest request = of_own_suite();
  request.kernels = {"generic"};
  request.loads = {"idle", folder.write("idle.2.toml", "title = \"another\"\n").string()};
  request.repeat = 2;
  const auto plan = plan_of(request);
  if (!plan) return;
  const auto names = names_of(*plan);
  EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
}

PlanRequest rt_tests() {
  PlanRequest request;
  request.suite = "rt-tests";
  return request;
}

TEST(PlanOfPrograms, HasACellForEachKernelAndNoStimuli) {
  const Plan plan = plan_of(rt_tests()).value();
  EXPECT_EQ(plan.samples, 0);
  EXPECT_EQ(plan.repeat, 1);
  ASSERT_EQ(plan.cells.size(), 2U);
  EXPECT_EQ(programs_of(plan.suite.work)->programs.size() + 1, measuring_programs().size())
      << "all that there are but Google Benchmark's";
  EXPECT_EQ(PulseTrain(pulses_of(plan, plan.cells[0])).counts().planned, 0U);
  PlanRequest three = rt_tests();
  three.repeat = 3;
  EXPECT_EQ(plan_of(three)->cells.size(), 6U);
}

TEST(PlanOfPrograms, HasTheBoardsChipAndLinesInTheirCommandLines) {
  PlanRequest request;
  request.suite = "primitives";
  request.programs = {"gpio-get"};
  const Plan plan = plan_of(request).value();
  const auto argv = programs_of(plan.suite.work)->programs.front().argv();
  EXPECT_THAT(argv, ::testing::IsSupersetOf({"--chip", plan.board.gpio_chip.c_str(), "--line",
                                             std::to_string(plan.board.lines.response).c_str()}));
  for (const std::string& word : argv) EXPECT_TRUE(word.find('{') == std::string::npos) << word;
}

TEST(PlanOfPrograms, KeepsThoseThatAreNamedInTheSuitesOrder) {
  PlanRequest request = rt_tests();
  request.programs = {"pip_stress", "cyclictest"};
  const Plan plan = plan_of(request).value();
  const auto& programs = programs_of(plan.suite.work)->programs;
  ASSERT_EQ(programs.size(), 2U);
  EXPECT_EQ(programs[0].name, "cyclictest");
  request.programs = {"latencytop"};
  EXPECT_EQ(plan_of(request).error().what, "suite rt-tests has no program latencytop");
}

TEST(PlanOfPrograms, RefusesSamplesAndProgramsWhereThereAreNone) {
  PlanRequest request = rt_tests();
  request.samples = 5;
  EXPECT_THAT(plan_of(request).error().what, ::testing::HasSubstr("stimulates nothing"));
  request = {};
  request.suite = "irq-to-gpio";
  request.programs = {"cyclictest"};
  EXPECT_THAT(plan_of(request).error().what, ::testing::HasSubstr("has no programs"));
}

TEST(PlanWithAProgramBeside, HasStimuliAndReplicatesAsOthersHave) {
  PlanRequest request;
  request.suite = "cyclictest-beside-pin";
  const Plan plan = plan_of(request).value();
  EXPECT_EQ(plan.samples, 1'250);
  EXPECT_EQ(plan.repeat, 8);
  EXPECT_EQ(plan.cells.size(), 16U);
  EXPECT_EQ(all_programs(plan.suite.work).size(), 1U);
  EXPECT_GT(PulseTrain(pulses_of(plan, plan.cells[0])).counts().planned, 1'250U);
}

TEST(PlanWithAProgramBeside, RefusesStimuliThatItWouldNotOutlast) {
  PlanRequest request;
  request.suite = "cyclictest-beside-pin";
  request.samples = 50'000;
  request.repeat = 1;
  EXPECT_EQ(
      plan_of(request).error().what,
      "suite cyclictest-beside-pin: program cyclictest is ended after 60 s, and the stimuli of a cell may "
      "take 71 s");
  request.repeat = 0;  // 8 replicates
  EXPECT_TRUE(plan_of(request));
}

}  // namespace
}  // namespace loopgate::plan_test
