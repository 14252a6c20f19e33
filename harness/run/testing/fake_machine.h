// A machine that measures nothing: it leaves the files and gives the report that a test wants.
#pragma once

#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "machine/machine.h"
#include "protocol/report.h"
#include "record/samples_file.h"
#include "run/plan.h"

namespace loopgate {

// What the agent reports when all is well, after a load of one part of our own, "sink".
inline Report good_report() {
  using std::chrono::microseconds;
  Report report;
  report.timing = {microseconds(1'204'100), microseconds(1'250'500), microseconds(1'301'000),
                   microseconds(3'250'500)};
  report.kernel = {"6.12.117+deb13-rt-arm64", "#1 SMP PREEMPT_RT Debian 6.12.117-1 (2026-11-12)", "aarch64",
                   "console=ttyAMA0 threadirqs", true};
  report.kernel.answers = KernelAnswers{{}, {}, true};
  report.checks = {{"real-time", "1", "1", true}};
  report.tuning = {{"/proc/sys/kernel/sched_rt_runtime_us", "-1", "-1", true}};
  report.checks_end = report.checks;
  report.tuning_end = report.tuning;
  report.threads = {{"irq/46-stimulus", 63, "fifo", 85}};
  report.interrupts_start = "           CPU0       CPU1       \n";
  PartReport sink;
  sink.name = "sink";
  sink.exit = "exited 0";
  sink.processes = 1;
  sink.attested_cpu_ns = 2'500'000;
  sink.cpu_ns_in_window = 900'000'000;
  sink.processes_at_stop = 1;
  sink.output = "{\"interrupts\": 50000, \"seconds\": 2.0}\n";
  report.parts = {sink};
  report.payload.emplace();
  report.payload->exit = "exited 0";
  report.payload->ready_after = microseconds(12'000);
  report.payload->output = "{\"events\": 8, \"responses\": 8, \"major_faults\": 0, \"minor_faults\": 0}\n";
  return report;
}

inline Report report_of_payload(const std::string& printed) {
  Report report = good_report();
  report.payload->output = printed;
  return report;
}

// Two kernels under one load whose part "sink" must take in 20,000 interrupts a second.
inline Plan made_up_plan(int repeat = 1) {
  Plan plan;
  plan.suite.name = "irq-to-gpio";
  ResponseWork& work = std::get<ResponseWork>(plan.suite.work);
  work.payload.command = {"/bin/responder"};
  work.schedule.interval_min_ns = 1'000'000;
  work.schedule.interval_max_ns = 1'400'000;
  work.schedule.deadline_ns = 1'000'000;
  work.schedule.response_timeout_ns = 1'000'000'000;
  work.schedule.self_checks = 2;
  work.schedule.warm_up = 1;
  plan.board.name = "qemu-virt-arm64";
  std::get<QemuBoard>(plan.board.kind).console = "ttyAMA0";
  plan.samples = 7;
  plan.repeat = repeat;
  for (const char* name : {"generic", "preempt-rt"}) {
    Kernel kernel;
    kernel.name = name;
    kernel.sha256 = std::string("sha256 of ") + name;
    plan.kernels.push_back(kernel);
  }
  LoadPart sink;
  sink.name = "sink";
  sink.arguments = {"/bin/storm_sink"};
  sink.min_per_second = {{"interrupts", 20'000.0}};
  Load load;
  load.name = "storm";
  load.parts = {sink};
  plan.loads = {load};
  for (int repetition = 1; repetition <= repeat; ++repetition) {
    for (std::size_t kernel = 0; kernel < plan.kernels.size(); ++kernel) {
      std::string name = plan.kernels[kernel].name + ".storm";
      if (repetition > 1) name += "." + std::to_string(repetition);
      plan.cells.push_back({std::move(name), kernel, 0, repetition, static_cast<std::uint64_t>(repetition)});
    }
  }
  return plan;
}

// The same on a board that is reached over SSH, an emulator.
inline Plan made_up_plan_of_a_board(int repeat = 1) {
  Plan plan = made_up_plan(repeat);
  plan.board.name = "qemu-arm64-disk";
  plan.board.emulator = true;
  plan.board.cpus = 2;
  plan.board.measured_cpus = {1};
  plan.board.housekeeping_cpus = {0};
  plan.board.gpio_chip = "chip";
  plan.board.lines = {0, 1, -1, -1, -1, -1, -1, -1, 2, 4};
  plan.board.kind.emplace<SshBoard>().root = "/dev/vda2";
  plan.board.thermal = {"cpu-thermal", 80, "/sys/throttled", "", {}};
  plan.kernels[0].arguments = "threadirqs";
  LabBoard lab;
  lab.name = plan.board.name;
  lab.ssh = "root@192.0.2.7";
  lab.power_cycle = {"pdu", "--password", "secret"};
  plan.lab = lab;
  return plan;
}

struct MadeUpAnswers {
  std::int64_t latency_ns = 5'000;
  std::int64_t self_check_error_ns = 0;
  int unanswered = 0;  // of the counted stimuli
  TimeBase time_base = TimeBase::virtual_time;
};

// Plays the schedule of the request into its samples.lgs, as the instrument would.
inline MachineRun measured(const CellRequest& request, const MadeUpAnswers& answers = {},
                           const Report& report = good_report()) {
  const PulseSettings& pulses = pulses_of(request.work);
  PulseTrain train(pulses);
  train.start(0);
  std::vector<Sample> samples;
  int left = answers.unanswered;
  while (const auto due_ns = train.next_due_ns()) {
    const bool counted = train.counts().due >= pulses.self_checks + pulses.warm_up;
    const PulseTrain::Action action = train.due(*due_ns);
    if (action.known_delay_ns) {
      train.response(*due_ns + *action.known_delay_ns + answers.self_check_error_ns);
    } else if (counted && left > 0) {
      --left;
      train.abandon(0);
    } else {
      train.response(*due_ns + answers.latency_ns);
    }
    train.take_finished(&samples);
  }
  auto writer = SampleWriter::create(request.folder / "samples.lgs",
                                     {answers.time_base, pulses.seed, samples.size(), pulses.deadline_ns})
                    .value();
  for (const Sample& sample : samples) EXPECT_TRUE(writer.append(sample));
  EXPECT_TRUE(writer.close());
  MachineRun run;
  run.report = to_json(report);
  run.end.kind = InstrumentEvent::Kind::reported;
  run.end.counts = train.counts();
  run.end.storm_pulses = 50'000;
  run.total_s = 1.5;
  return run;
}

// The same on a board, with what it was like around the cell.
inline MachineRun measured_on_board(const CellRequest& request, MadeUpAnswers answers = {},
                                    double temperature_c = 50, const Report& report = good_report()) {
  answers.time_base = TimeBase::wall_clock;
  if (answers.self_check_error_ns == 0) answers.self_check_error_ns = 1'500;  // the bare wire's share
  const nlohmann::json look = {
      {"clock_source", "arch_sys_counter"}, {"temperature_c", temperature_c}, {"throttled", "0"}};
  const nlohmann::json during = {{"looks", 1}, {"hottest_c", temperature_c}, {"throttled", "0"}};
  std::ofstream(request.folder / "environment.json")
      << nlohmann::json{{"format", 1}, {"before", look}, {"during", during}, {"after", look}};
  return measured(request, answers, report);
}

class FakeMachine : public Machine {
 public:
  using Act = std::function<Result<MachineRun>(const CellRequest&)>;

  FakeMachine() : FakeMachine([](const CellRequest& request) { return measured(request); }) {}
  explicit FakeMachine(Act act) : act_(std::move(act)) {}

  Result<MachineRun> run(const CellRequest& request, const ProgressListener& on_progress) override {
    {
      const std::lock_guard guard(mutex_);
      cells_.push_back(request.cell);
    }
    if (on_progress) on_progress(Stage::measuring, {});
    return act_(request);
  }
  std::vector<std::vector<std::string>> commands(const CellRequest&) const override { return {}; }
  MachineRecord describe() const override { return QemuMachineRecord{}; }
  Status finish() override {
    ++finished;
    return back;
  }

  int finished = 0;
  Status back;  // what finish() gives

  // In the order in which they were asked for.
  std::vector<std::string> cells() const {
    const std::lock_guard guard(mutex_);
    return cells_;
  }

 private:
  Act act_;
  mutable std::mutex mutex_;
  std::vector<std::string> cells_;
};

}  // namespace loopgate
