// The job's text to the byte: what the agent does while it reads it is a part of every run, so that another
// text gives other samples.
#include <gmock/gmock.h>

#include "programs/load/stress_ng.h"
#include "run/job.h"

namespace loopgate::job_golden_test {
namespace {

Plan idle() {
  Plan plan;
  ResponseWork& work = std::get<ResponseWork>(plan.suite.work);
  plan.board.gpio_chip = "9030000.pl061";
  work.payload.command = {"/bin/responder", "--chip",     "{chip}",    "--stimulus",
                          "{stimulus}",     "--response", "{response}"};
  work.payload.ready_timeout_ms = 5'000;
  Kernel kernel;
  kernel.name = "generic";
  plan.kernels = {kernel};
  Load load;
  load.name = "idle";
  plan.loads = {load};
  plan.cells = {{"generic.idle", 0, 0, 1, 1}};
  return plan;
}

Plan tuned_and_loaded() {
  Plan plan = idle();
  ResponseWork& work = std::get<ResponseWork>(plan.suite.work);
  work.payload.files = {{"model", "/host/model.onnx", "abc", 0, 12'345},
                        {"picture", "/host/p", "def", 12'352, 7}};
  work.payload.command.insert(work.payload.command.end(), {"--seed", "{seed}", "--model", "{model}"});
  Kernel& kernel = plan.kernels[0];
  kernel.files = {{"/proc/sys/kernel/sched_rt_runtime_us", "-1", ""}, {"/sys/module/x", "1", "Y"}};
  kernel.threads = {{"irq/*-stimulus", "fifo", 85, true}, {"ksoftirqd/*", "other", 0, false}};
  kernel.checks = {{"real-time", "/sys/kernel/realtime", "", "1", ""},
                   {"threads", "/proc/cmdline", "", "", "threadirqs"},
                   {"built", "", "CONFIG_X", "y", ""}};
  Load& load = plan.loads[0];
  load.settle_ms = 50;
  LoadPart stress;
  stress.name = "mixed";
  static const StressNg stress_ng;
  stress.program = &stress_ng;
  stress.arguments = {"--cpu", "4"};
  stress.min_processes = 5;
  stress.min_cpu_ms = 2.5;
  LoadPart sink;
  sink.name = "sink";
  sink.arguments = {"/bin/storm_sink", "--chip", "{chip}", "--storm", "{storm}"};
  load.parts = {stress, sink};
  return plan;
}

Plan measured_on_a_board() {
  Plan plan = idle();
  ResponseWork& work = std::get<ResponseWork>(plan.suite.work);
  plan.board.kind = SshBoard();
  plan.board.lines = {0, 1, -1, -1, -1, -1, -1, -1, 20, 21};
  plan.board.measured_cpus = {2, 3};
  plan.board.housekeeping_cpus = {0, 1};
  plan.samples = 40;
  work.schedule.warm_up = 2;
  work.schedule.self_checks = 8;
  work.schedule.interval_min_ns = 600'000;
  work.schedule.interval_max_ns = 1'400'000;
  work.schedule.deadline_ns = 1'500;
  work.schedule.response_timeout_ns = 1'000'000'000;
  work.payload.stamps = {"--stamps", "{stamps}", "--stamps-records", "{stamps_records}"};
  return plan;
}

Plan measured_by_the_guest() {
  Plan plan = measured_on_a_board();
  plan.board = idle().board;
  plan.board.lines.stimulus_out = 20;
  plan.board.lines.response_in = 21;
  std::get<ResponseWork>(plan.suite.work).loopback = true;
  return plan;
}

TEST(JobText, OfAnIdleCell) {
  const Plan plan = idle();
  EXPECT_EQ(
      to_json(job_of(plan, plan.cells[0])),
      R"({"board":{"chip":"9030000.pl061","lines":{"control_in":4,"control_out":5,"response":1,)"
      R"("stimulus":0,"storm":2}},"checks":[],"format":1,"load":{"parts":[],"settle_ms":0},)"
      R"("payload":{"argv":["/bin/responder","--chip","9030000.pl061","--stimulus","0","--response","1"],)"
      R"("files":[],"ready_timeout_ms":5000},)"
      R"("perturbation":{"delay_us":32595,"held_pages":286,"seed":10451216379200822465},)"
      R"("tuning":{"files":[],"threads":[]}})");
}

TEST(JobText, OfATunedKernelUnderLoad) {
  const Plan plan = tuned_and_loaded();
  EXPECT_EQ(
      to_json(job_of(plan, plan.cells[0])),
      R"({"board":{"chip":"9030000.pl061","lines":{"control_in":4,"control_out":5,"response":1,)"
      R"("stimulus":0,"storm":2}},"checks":[{"equals":"1","file":"/sys/kernel/realtime",)"
      R"("name":"real-time"},{"contains":"threadirqs","file":"/proc/cmdline","name":"threads"}],"format":1,)"
      R"("load":{"parts":[{"argv":["stress-ng","--cpu","4","--timeout","0","--metrics","--yaml",)"
      R"("/tmp/load-mixed.yaml","--temp-path","/tmp"],"min_cpu_ms":2.5,"min_processes":5,)"
      R"("name":"mixed","output":"/tmp/load-mixed.yaml","ready_timeout_ms":5000,)"
      R"("stop_signal":"INT"},{"argv":["/bin/storm_sink","--chip","9030000.pl061","--storm","2"],)"
      R"("min_cpu_ms":1.0,"min_processes":1,"name":"sink","output":null,"ready_timeout_ms":5000,)"
      R"("stop_signal":"INT"}],"settle_ms":50},"payload":{"argv":["/bin/responder","--chip",)"
      R"("9030000.pl061","--stimulus","0","--response","1","--seed","1","--model",)"
      R"("/run/loopgate/model.onnx"],"files":[{"offset":0,"path":"/run/loopgate/model.onnx","size":12345},)"
      R"({"offset":12352,"path":"/run/loopgate/p","size":7}],"ready_timeout_ms":5000},)"
      R"("perturbation":{"delay_us":32595,"held_pages":286,"seed":10451216379200822465},)"
      R"("tuning":{"files":[{"path":"/proc/sys/kernel/sched_rt_runtime_us","value":"-1"},)"
      R"({"path":"/sys/module/x","reads":"Y","value":"1"}],"threads":[{"name":"irq/*-stimulus",)"
      R"("policy":"fifo","priority":85,"required":true},{"name":"ksoftirqd/*","policy":"other",)"
      R"("priority":0,"required":false}]}})");
}

TEST(JobText, OfABoardThatMeasuresItself) {
  const Plan plan = measured_on_a_board();
  EXPECT_EQ(
      to_json(job_of(plan, plan.cells[0])),
      R"({"board":{"chip":"9030000.pl061","lines":{"response":1,"stimulus":0}},"checks":[],"format":1,)"
      R"("instrument":{"argv":["/bin/loopback","run","--chip","9030000.pl061","--stimulus-out","20",)"
      R"("--response-in","21","--seed","1","--interval-us","600","1400","--warm-up","2","--samples","40",)"
      R"("--self-checks","8","--check","/run/loopgate/check.json","--deadline-us","1.5","--response-timeout-ms",)"
      R"("1000","--samples-file","/run/loopgate/samples.lgs","--stamps","/run/loopgate/loopback.lst",)"
      R"("--payload-cpu","2","--payload-cpu","3"],"check_argv":["/bin/loopback","check","--chip",)"
      R"("9030000.pl061","--stimulus-out","20","--response-in","21","--stimulus","0","--response","1",)"
      R"("--pulses","100","--out","/run/loopgate/check.json"],"check_timeout_ms":20000,"cpu":0,)"
      R"("timeout_ms":31058},"load":{"parts":[],"settle_ms":0},"payload":{"argv":["/bin/responder","--chip",)"
      R"("9030000.pl061","--stimulus","0","--response","1","--stamps","/run/loopgate/stamps.lst",)"
      R"("--stamps-records","42"],"cpus":[2,3],"files":[],"ready_timeout_ms":5000},"tuning":{"files":[],)"
      R"("threads":[]}})");
}

TEST(JobText, OfAVirtualBoardThatMeasuresItself) {
  const Plan plan = measured_by_the_guest();
  EXPECT_EQ(
      to_json(job_of(plan, plan.cells[0])),
      R"({"board":{"chip":"9030000.pl061","lines":{"control_in":4,"control_out":5,"response":1,)"
      R"("stimulus":0,"storm":2}},"checks":[],"format":1,"instrument":{"argv":["/bin/loopback","run",)"
      R"("--chip","9030000.pl061","--stimulus-out","20","--response-in","21","--seed","1","--interval-us",)"
      R"("600","1400","--warm-up","2","--samples","40","--self-checks","8","--check",)"
      R"("/run/loopgate/check.json","--deadline-us","1.5","--response-timeout-ms","1000","--samples-file",)"
      R"("/run/loopgate/samples.lgs","--stamps","/run/loopgate/loopback.lst"],)"
      R"("check_argv":["/bin/loopback","check","--chip","9030000.pl061","--stimulus-out","20",)"
      R"("--response-in","21","--stimulus","0","--response","1","--pulses","100","--out",)"
      R"("/run/loopgate/check.json"],"check_timeout_ms":20000,"files":["/run/loopgate/check.json",)"
      R"("/run/loopgate/samples.lgs","/run/loopgate/loopback.lst","/run/loopgate/stamps.lst"],)"
      R"("timeout_ms":31058},"load":{"parts":[],"settle_ms":0},"payload":{"argv":["/bin/responder","--chip",)"
      R"("9030000.pl061","--stimulus","0","--response","1","--stamps","/run/loopgate/stamps.lst",)"
      R"("--stamps-records","42"],"files":[],"ready_timeout_ms":5000},)"
      R"("perturbation":{"delay_us":32595,"held_pages":286,"seed":10451216379200822465},)"
      R"("tuning":{"files":[],"threads":[]}})");
}

}  // namespace
}  // namespace loopgate::job_golden_test
