#include "run/job.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "programs/load/stress_ng.h"
#include "programs/measuring/measuring_program.h"

namespace loopgate::job_test {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;

Plan made_up() {
  Plan plan;
  ResponseWork& work = std::get<ResponseWork>(plan.suite.work);
  plan.board.gpio_chip = "chip-label";
  plan.board.lines = {10, 11, 12, 13, 14, 15, 16};
  work.payload.command = {"/bin/responder", "--chip", "{chip}", "{stimulus}", "{response}"};
  work.payload.ready_timeout_ms = 1'234;
  Kernel kernel;
  kernel.name = "k";
  kernel.files = {{"/proc/a", "-1", ""}, {"/proc/b", "1", "Y"}};
  kernel.threads = {{"irq/*", "fifo", 40, false}};
  kernel.checks = {{"is", "/sys/x", "", "1", ""},
                   {"has", "/proc/cmdline", "", "", "quiet"},
                   {"built", "", "CONFIG_X", "y", ""}};
  plan.kernels = {kernel};
  Load load;
  load.name = "l";
  load.settle_ms = 5;
  LoadPart stress;
  stress.name = "stress";
  static const StressNg stress_ng;
  stress.program = &stress_ng;
  stress.arguments = {"--cpu", "4"};
  stress.min_processes = 5;
  stress.min_cpu_ms = 2;
  stress.min_per_second = {{"cpu", 10.0}};
  LoadPart sink;
  sink.name = "sink";
  sink.arguments = {"/bin/storm_sink", "--chip", "{chip}", "--storm", "{storm}"};
  load.parts = {stress, sink};
  plan.loads = {load};
  plan.cells = {{"k.l", 0, 0, 1, 1}};
  return plan;
}

TEST(Job, APayloadsThreadIsRequiredWhereThereIsAPayload) {
  Plan plan = made_up();
  plan.kernels[0].threads = {{"irq/*-stimulus", "fifo", 85, true, true}, {"irq/*", "fifo", 40, true, false}};
  const auto required = [&] {
    std::vector<bool> found;
    for (const ThreadRule& rule : job_of(plan, plan.cells[0]).threads) found.push_back(rule.required);
    return found;
  };
  EXPECT_THAT(required(), ElementsAre(true, true));
  plan.suite.work = ProgramsWork();
  EXPECT_THAT(required(), ElementsAre(false, true)) << "nobody asks for the stimulus line here";
}

TEST(Job, BindsProgramsToTheMeasuredCpusWhereTheyCanWorkThere) {
  Plan plan = made_up();
  plan.board.measured_cpus = {3};
  ProgramsWork work;
  for (const char* key : {"cyclictest", "cyclicdeadline", "deadline_test", "pi_stress", "rt-migrate-test",
                          "google-benchmark", "google-benchmark"}) {
    SuiteProgram program;
    program.name = key;
    program.adapter = find_measuring_program(key);
    ASSERT_NE(program.adapter, nullptr) << key;
    work.programs.push_back(program);
  }
  work.programs.back().order.scheduling = ProgramScheduling{"deadline", 0};
  plan.suite.work = work;
  std::vector<std::vector<int>> cpus;
  for (const ProgramSpec& program : job_of(plan, plan.cells[0]).programs) cpus.push_back(program.cpus);
  const std::vector<int> measured = {3}, all;
  EXPECT_THAT(cpus, ElementsAre(measured, all, all, all, all, measured, all));
}

// The whole job, since the agent on the other side reads it key by key.
TEST(Job, IsWhatTheAgentReads) {
  const Plan plan = made_up();
  const json expected = json::parse(R"({
    "format": 1,
    "board": {"chip": "chip-label",
              "lines": {"stimulus": 10, "response": 11, "storm": 12, "control_in": 13, "control_out": 14}},
    "tuning": {
      "files": [{"path": "/proc/a", "value": "-1"}, {"path": "/proc/b", "value": "1", "reads": "Y"}],
      "threads": [{"name": "irq/*", "policy": "fifo", "priority": 40, "required": false}]},
    "checks": [{"name": "is", "file": "/sys/x", "equals": "1"},
               {"name": "has", "file": "/proc/cmdline", "contains": "quiet"}],
    "load": {
      "settle_ms": 5,
      "parts": [
        {"name": "stress",
         "argv": ["stress-ng", "--cpu", "4", "--timeout", "0", "--metrics", "--yaml", "/tmp/load-stress.yaml",
                  "--temp-path", "/tmp"],
         "stop_signal": "INT", "output": "/tmp/load-stress.yaml",
         "min_processes": 5, "min_cpu_ms": 2.0, "ready_timeout_ms": 5000},
        {"name": "sink",
         "argv": ["/bin/storm_sink", "--chip", "chip-label", "--storm", "12"],
         "stop_signal": "INT", "output": null,
         "min_processes": 1, "min_cpu_ms": 1.0, "ready_timeout_ms": 5000}]},
    "perturbation": {"seed": 10451216379200822465, "held_pages": 286, "delay_us": 32595},
    "payload": {"argv": ["/bin/responder", "--chip", "chip-label", "10", "11"], "files": [], "ready_timeout_ms": 1234}})");
  const json job = json::parse(to_json(job_of(plan, plan.cells[0])));
  EXPECT_EQ(job, expected) << json::diff(expected, job).dump(2);
}

// A board has no control lines, and CPUs of which some are measured.
TEST(Job, OfABoardNamesTheLinesThatItHasAndThePayloadsCpus) {
  Plan plan = made_up();
  plan.board.kind = SshBoard();
  plan.board.lines = {0, 1, -1, -1, -1, -1, -1, -1, 2, 4};
  plan.board.measured_cpus = {3};
  plan.board.housekeeping_cpus = {1, 0};
  const json job = json::parse(to_json(job_of(plan, plan.cells[0])));
  EXPECT_EQ(job["board"]["lines"], json::parse(R"({"stimulus": 0, "response": 1})"));
  EXPECT_EQ(job["payload"]["cpus"], json({3}));
  EXPECT_EQ(job["instrument"]["cpu"], 1) << "the first that keeps house";
}

TEST(Job, IsEqualForEqualPlans) {
  const Plan plan = made_up();
  EXPECT_EQ(job_of(plan, plan.cells[0]), job_of(made_up(), plan.cells[0]));
}

TEST(Job, NamesTheInstrumentThatMeasuresOnTheBoard) {
  Plan plan = made_up();
  ResponseWork& work = std::get<ResponseWork>(plan.suite.work);
  plan.samples = 40;
  work.schedule.warm_up = 2;
  work.schedule.self_checks = 8;
  work.schedule.interval_min_ns = 600'000;
  work.schedule.interval_max_ns = 1'400'000;
  work.schedule.deadline_ns = 1'500;
  work.schedule.response_timeout_ns = 1'000'000'000;
  work.payload.stamps = {"--stamps", "{stamps}", "--stamps-records", "{stamps_records}"};
  EXPECT_FALSE(json::parse(to_json(job_of(plan, plan.cells[0]))).contains("instrument"));
  work.loopback = true;
  plan.board.lines.stimulus_out = 20;
  plan.board.lines.response_in = 21;
  json job = json::parse(to_json(job_of(plan, plan.cells[0])));
  EXPECT_EQ(
      job["payload"]["argv"].dump(),
      R"(["/bin/responder","--chip","chip-label","10","11","--stamps","/run/loopgate/stamps.lst","--stamps-records","42"])");
  EXPECT_EQ(
      job["instrument"]["check_argv"].dump(),
      R"(["/bin/loopback","check","--chip","chip-label","--stimulus-out","20","--response-in","21","--stimulus","10",)"
      R"("--response","11","--pulses","100","--out","/run/loopgate/check.json"])");
  EXPECT_EQ(
      job["instrument"]["argv"].dump(),
      R"(["/bin/loopback","run","--chip","chip-label","--stimulus-out","20","--response-in","21","--seed","1",)"
      R"("--interval-us","600","1400","--warm-up","2","--samples","40","--self-checks","8","--check",)"
      R"("/run/loopgate/check.json","--deadline-us","1.5","--response-timeout-ms","1000","--samples-file",)"
      R"("/run/loopgate/samples.lgs","--stamps","/run/loopgate/loopback.lst"])");
  EXPECT_EQ(job["instrument"]["timeout_ms"], 31'058);
  EXPECT_EQ(job["instrument"]["files"].size(), 4U);
  EXPECT_FALSE(job["instrument"].contains("cpu"));
  work.loopback = false;
  plan.board.kind = SshBoard();
  job = json::parse(to_json(job_of(plan, plan.cells[0])));
  EXPECT_TRUE(job.contains("instrument")) << "on a board there is no other";
  EXPECT_FALSE(job["instrument"].contains("files")) << "they are copied";
}

// On a board the records go to a file, and the loopback program reads verdict and frame.
TEST(Job, OfDecisionsOnABoardNamesTheVerdictsWireAndTheRecords) {
  Plan plan = made_up();
  DecisionWork work{schedule_of(plan.suite.work), payload_of(plan.suite.work)};
  work.payload.command = {"/bin/inspect", "{verdict}", "{records}", "{records_offset}", "{records_size}"};
  work.schedule.warm_up = 5;
  plan.samples = 95;
  plan.suite.work = work;
  plan.board.lines.verdict = 22;
  plan.board.lines.verdict_in = 23;
  json job = json::parse(to_json(job_of(plan, plan.cells[0])));
  EXPECT_EQ(job["payload"]["argv"].dump(),
            R"(["/bin/inspect","22","/run/loopgate/channel","12582912","4194304"])");
  EXPECT_FALSE(job.contains("instrument"));
  plan.board.kind = SshBoard();
  job = json::parse(to_json(job_of(plan, plan.cells[0])));
  EXPECT_EQ(job["payload"]["argv"].dump(), R"(["/bin/inspect","22","/run/loopgate/frames.lgf","0","6464"])");
  EXPECT_THAT(job["instrument"]["argv"].dump(),
              ::testing::HasSubstr(R"("--verdict-in","23","--records","/run/loopgate/frames.lgf")"));
  EXPECT_THAT(job["instrument"]["check_argv"].dump(),
              ::testing::HasSubstr(R"("--verdict","22","--verdict-in","23")"));
}

TEST(Job, OfAnIdleLoadHasNoParts) {
  Plan plan = made_up();
  plan.loads[0].parts.clear();
  plan.kernels[0] = Kernel{};
  const json job = json::parse(to_json(job_of(plan, plan.cells[0])));
  EXPECT_EQ(job["load"]["parts"], json::array());
  EXPECT_EQ(job["tuning"]["files"], json::array());
  EXPECT_EQ(job["checks"], json::array());
}

TEST(PayloadCommand, NamesTheBoardsLines) {
  Plan plan = made_up();
  EXPECT_THAT(payload_command(plan, Cell{}),
              ElementsAre("/bin/responder", "--chip", "chip-label", "10", "11"));
  std::get<ResponseWork>(plan.suite.work).payload.command = {"{stimulus}{response}", "a{storm}b{storm}",
                                                             "{unknown}"};
  EXPECT_THAT(payload_command(plan, Cell{}), ElementsAre("1011", "a12b12", "{unknown}"));
  auto& work = std::get<ResponseWork>(plan.suite.work);
  work.payload.command = {"--edge", "{edge}"};
  EXPECT_THAT(payload_command(plan, Cell{}), ElementsAre("--edge", "rising"));
  work.schedule.falls = true;
  EXPECT_THAT(payload_command(plan, Cell{}), ElementsAre("--edge", "falling"));
}

TEST(Job, KeepsALoadToItsCpus) {
  Plan plan = made_up();
  plan.board.housekeeping_cpus = {0, 2};
  const auto before = job_of(plan, plan.cells[0]).parts[0].argv;
  plan.loads[0].parts[0].cpus = LoadCpus::housekeeping;
  auto argv = job_of(plan, plan.cells[0]).parts[0].argv;
  ASSERT_GE(argv.size(), 3U);
  EXPECT_THAT(std::vector<std::string>(argv.begin(), argv.begin() + 3), ElementsAre("taskset", "-c", "0,2"));
  argv.erase(argv.begin(), argv.begin() + 3);
  EXPECT_EQ(argv, before);
}

TEST(Job, HasAProgramBesideThePayload) {
  Plan plan = made_up();
  SuiteProgram program;
  program.name = "cyclictest";
  program.adapter = &cyclictest_program();
  program.timeout_s = 60;
  std::get<ResponseWork>(plan.suite.work).beside = program;
  const Job job = job_of(plan, plan.cells[0]);
  EXPECT_EQ(job.payload.argv.front(), "/bin/responder");
  ASSERT_EQ(job.programs.size(), 1U);
  EXPECT_EQ(job.programs[0].name, "cyclictest");
  EXPECT_EQ(job.programs[0].timeout, std::chrono::seconds(60));
}

}  // namespace
}  // namespace loopgate::job_test
