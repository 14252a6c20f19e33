// Carries one job out: tunes, starts the load and the payload, says when all is ready, watches until it is
// told to stop, and brings everything to an end. Where there are programs in place of a payload it runs them
// one after the other, and their end is that of the job; one beside a payload runs as long as measuring does
// (job_runner_programs.cpp). A probe in the kernel starts when the payload is ready, and ends as soon as
// measuring is over (job_runner_probe.cpp). Whatever fails is in the report; every program is stopped and
// every setting put back.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <tl/expected.hpp>
#include <vector>

#include "protocol/job.h"
#include "protocol/report.h"
#include "target/agent/child.h"
#include "target/agent/events.h"
#include "target/agent/instrument_part.h"
#include "target/agent/load_part.h"
#include "target/agent/perturbation.h"
#include "target/agent/program_run.h"
#include "target/agent/tuning.h"

namespace loopgate {

// A program that SIGKILL does not end is stuck in the kernel: the report says that it still runs.
inline constexpr std::chrono::milliseconds killed_end_within{2000};

class JobRunner {
 public:
  // `on_ready` is called once, when measuring may begin; `on_line` with each line that the instrument on the
  // board prints. `job` and `events` must outlive the runner.
  JobRunner(const Job& job, Events& events, std::function<void()> on_ready,
            std::function<void(const std::string&)> on_line = {})
      : job_(job), events_(events), on_ready_(std::move(on_ready)), on_line_(std::move(on_line)) {}

  Report run();

 private:
  using Step = tl::expected<void, Failure>;
  using Clock = std::chrono::steady_clock;

  Step get_ready();
  Step check_kernel();
  Step judge_tuning(std::vector<TuningRow> rows);
  Step perturb();
  Step start_load();
  Step attest_load();
  bool look_at_load();
  Step settle();
  Step check_jumpers();
  Step start_payload();
  Step start_probe();
  Step measure();
  Step measure_from_outside();
  Step measure_on_board();

  // Programs that measure by themselves.
  Step run_programs();
  Step keep_load_until_it_can_prove_itself();
  Step run_program(const ProgramSpec& order);
  Step start_program(const ProgramSpec& order);
  Step start_program_beside();
  void watch_program_beside();
  void stop_program_beside();
  void finish_program();
  Events::Seen wait_while_measuring(std::optional<Clock::time_point> end = std::nullopt);

  void stop_probe();

  Step wait_for(Clock::duration time);
  Step pause(Clock::duration at_most, bool* ready = nullptr);
  Step look_for_ends();
  std::vector<Child*> children();

  void note_what_runs();
  void look_again();
  void stop();
  void stop_instrument();
  void stop_payload();
  void stop_load();
  void wait_for_ends(const std::vector<Child*>& programs, Clock::duration at_most);
  void write_down();

  const Job& job_;
  Events& events_;
  std::function<void()> on_ready_;
  std::function<void(const std::string&)> on_line_;
  Tuner tuner_;
  HeldMemory held_memory_;
  std::vector<RunningPart> parts_;
  std::optional<InstrumentPart> instrument_;
  std::optional<Child> payload_;
  std::optional<Child> probe_;
  std::optional<RunningProgram> program_;          // the one that runs now
  std::map<pid_t, std::string> payload_policies_;  // when measuring began
  std::optional<std::chrono::nanoseconds> payload_ready_after_;
  std::vector<CodeMap> payload_code_;
  Report report_;
};

}  // namespace loopgate
