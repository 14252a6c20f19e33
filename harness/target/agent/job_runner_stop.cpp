// The job runner's end: what is read back while all still runs, then everything is stopped, the payload
// before the load.
#include <algorithm>
#include <csignal>

#include "target/agent/job_runner.h"
#include "target/agent/tuning.h"

namespace loopgate {
namespace {

using std::chrono::milliseconds;

// How long a program may take to end, once told to. The payload answers at once, unless it is stuck;
// stress-ng unmaps memory, removes its files and writes its metrics first.
constexpr milliseconds payload_end_within{2000};
constexpr milliseconds load_end_within{5000};
// The payload's signal may come just before it blocks in a read, so it is repeated.
constexpr milliseconds repeat_stop_after{50};

}  // namespace

// While they run: what the load used, and where the payload's code is.
void JobRunner::note_what_runs() {
  for (RunningPart& part : parts_) {
    part.usage_at_stop = usage_of(part.child.pid());
    part.cpus_at_stop = cpus_of(part.child.pid());
  }
  if (payload_ && !payload_->ended()) payload_code_ = code_maps_of(payload_->pid());
}

// What was asked for may have been undone while measuring, by a daemon, by the load or by the payload.
void JobRunner::look_again() {
  for (const FileCheck& check : job_.checks) report_.checks_end.push_back(check_file(check));
  const auto add = [&](const std::vector<TuningRow>& rows) {
    report_.tuning_end.insert(report_.tuning_end.end(), rows.begin(), rows.end());
  };
  add(files_as_they_are(job_.files));
  add(threads_as_they_are(job_.threads));
  if (!payload_ || payload_->ended()) return;
  add(policies_as_they_are(payload_->pid(), "payload", payload_policies_));
  if (!job_.payload.cpus.empty()) add({cpus_as_they_are(payload_->pid(), "payload", job_.payload.cpus)});
}

void JobRunner::stop() {
  stop_instrument();
  stop_payload();
  stop_load();
  tuner_.restore();
}

// It has ended by itself, or something failed.
void JobRunner::stop_instrument() {
  events_.watch_output(-1);
  if (!instrument_ || !instrument_->started() || instrument_->child().ended()) return;
  const std::vector<Child*> program = {&instrument_->child()};
  program.front()->signal(SIGTERM);
  wait_for_ends(program, payload_end_within);
  program.front()->kill_session();
  wait_for_ends(program, killed_end_within);
}

void JobRunner::stop_payload() {
  if (!payload_) return;
  const std::vector<Child*> payload = {&*payload_};
  for (const auto end = Clock::now() + payload_end_within; !payload_->ended() && Clock::now() < end;) {
    payload_->signal(SIGTERM);
    wait_for_ends(payload, repeat_stop_after);
  }
  payload_->kill_session();
  wait_for_ends(payload, killed_end_within);
}

void JobRunner::stop_load() {
  std::vector<Child*> programs;
  for (RunningPart& part : parts_) {
    part.child.signal_group(part.order.stop_signal);
    programs.push_back(&part.child);
  }
  wait_for_ends(programs, load_end_within);
  for (const Child* program : programs) program->kill_session();
  wait_for_ends(programs, killed_end_within);
}

void JobRunner::wait_for_ends(const std::vector<Child*>& programs, Clock::duration at_most) {
  const auto runs = [](const Child* program) { return !program->ended(); };
  for (const auto end = Clock::now() + at_most; std::ranges::any_of(programs, runs) && Clock::now() < end;) {
    events_.wait(end - Clock::now());
    reap(children());
  }
}

}  // namespace loopgate
