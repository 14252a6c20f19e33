// Carries one job out: tunes, starts the load and the payload, says when all is ready, watches until it is
// told to stop, and brings everything to an end. Whatever fails is in the report; every program is stopped
// and every setting put back.
#pragma once

#include <functional>
#include <optional>
#include <tl/expected.hpp>
#include <vector>

#include "agent/child.h"
#include "agent/events.h"
#include "agent/job.h"
#include "agent/load_part.h"
#include "agent/report.h"
#include "agent/tuning.h"

namespace loopgate {

class JobRunner {
 public:
  // `on_ready` is called once, when measuring may begin. `job` and `events` must outlive the runner.
  JobRunner(const Job& job, Events& events, std::function<void()> on_ready)
      : job_(job), events_(events), on_ready_(std::move(on_ready)) {}

  Report run();

 private:
  using Step = tl::expected<void, Failure>;
  using Clock = std::chrono::steady_clock;

  Step get_ready();
  Step check_kernel();
  Step judge_tuning(std::vector<TuningRow> rows);
  Step start_load();
  Step attest_load();
  bool look_at_load();
  Step settle();
  Step start_payload();
  Step measure();

  Step pause(Clock::duration at_most, bool* ready = nullptr);
  Step look_for_ends();
  std::vector<Child*> children();

  void stop();
  void note_usage_at_stop();
  void stop_payload();
  void stop_load();
  void wait_for_ends(const std::vector<Child*>& programs, Clock::duration at_most);
  void write_down();

  const Job& job_;
  Events& events_;
  std::function<void()> on_ready_;
  Tuner tuner_;
  std::vector<LoadPart> parts_;
  std::optional<Child> payload_;
  std::optional<std::chrono::nanoseconds> payload_ready_after_;
  Report report_;
};

}  // namespace loopgate
