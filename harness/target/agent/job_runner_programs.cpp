// The job runner's programs that measure by themselves: in place of a payload, or one beside it.
#include <unistd.h>

#include <algorithm>
#include <csignal>

#include "target/agent/job_runner.h"

namespace loopgate {
namespace {

// How long one may take to write what it has, once it is told to end. cyclictest's file takes some ms of a
// slow CPU, and the load still runs.
constexpr std::chrono::milliseconds program_end_within{5000};

tl::unexpected<Failure> program_failed(std::string name, std::string what) {
  return tl::unexpected<Failure>(Failure{"program", std::move(name), std::move(what)});
}

std::chrono::nanoseconds now_on_target() { return std::chrono::steady_clock::now().time_since_epoch(); }

}  // namespace

JobRunner::Step JobRunner::run_programs() {
  for (const ProgramSpec& order : job_.programs) {
    if (auto done = run_program(order); !done) return done;
  }
  return keep_load_until_it_can_prove_itself();
}

// pip_stress ends after 12 ms, before stress-ng has started a worker of each stressor.
JobRunner::Step JobRunner::keep_load_until_it_can_prove_itself() {
  if (parts_.empty()) return {};
  return wait_for(*report_.timing.attested + shortest_load_window - now_on_target());
}

// It may fail as it likes: what came of it is the harness's to judge. A load that ends meanwhile is a
// failure.
JobRunner::Step JobRunner::run_program(const ProgramSpec& order) {
  if (auto started = start_program(order); !started || !program_) return started;
  Step done;
  while (done && !program_->child.ended()) {
    report_.programs.back().timed_out = program_->is_late(Clock::now());
    if (report_.programs.back().timed_out) break;
    done = pause(program_->end_by - Clock::now());
  }
  report_.programs.back().ended = now_on_target();
  finish_program();
  return done;
}

// Without one that runs where the target lacks what it needs.
JobRunner::Step JobRunner::start_program(const ProgramSpec& order) {
  ProgramReport& report = report_.programs.emplace_back();
  report.name = order.name;
  report.missing = what_target_lacks(order);
  if (!report.missing.empty()) return {};
  if (!order.file.empty()) ::unlink(order.file.c_str());  // one of before is none of its own
  report.began = now_on_target();
  auto child = Child::start(order.name, order.argv);
  if (!child) return program_failed(order.name, child.error().what);
  program_ = RunningProgram{&order, std::move(*child), Clock::now() + order.timeout};
  if (!order.cpus.empty())
    report_.tuning.push_back(keep_to_cpus(program_->child.pid(), order.name, order.cpus));
  return {};
}

// Before the bench is told that all is ready: the warm-up's stimuli come first, so that it measures when the
// first counted one comes.
JobRunner::Step JobRunner::start_program_beside() {
  return job_.has_payload() && !job_.programs.empty() ? start_program(job_.programs.front()) : Step();
}

// Its end is none of the measurement's; it is noted when it comes, since it says until when it measured.
void JobRunner::watch_program_beside() {
  if (!program_) return;
  ProgramReport& report = report_.programs.back();
  if (program_->child.ended() && !report.ended) report.ended = now_on_target();
  if (report.timed_out || !program_->is_late(Clock::now())) return;
  report.timed_out = true;
  program_->child.kill_session();
}

// Without an end it waits until something happens.
Events::Seen JobRunner::wait_while_measuring(std::optional<Clock::time_point> end) {
  std::optional<Clock::time_point> until = end;
  const bool can_be_late = program_ && !program_->child.ended() && !report_.programs.back().timed_out;
  if (can_be_late) until = std::min(until.value_or(program_->end_by), program_->end_by);
  const Events::Seen seen = until ? events_.wait(*until - Clock::now()) : events_.wait_forever();
  if (seen.child_ended) reap(children());
  watch_program_beside();
  return seen;
}

// As soon as measuring is over, while the load still runs: what it goes on to see is no other kernel's.
void JobRunner::stop_program_beside() {
  if (!program_) return;
  ProgramReport& report = report_.programs.back();
  if (!program_->child.ended() && !report.timed_out) {
    report.told_to_end = true;
    program_->child.signal(SIGINT);
    wait_for_ends({&program_->child}, program_end_within);
    report.timed_out = !program_->child.ended();
  }
  if (!report.ended) report.ended = now_on_target();
  finish_program();
}

// Ends what is left of it, and takes what it left.
void JobRunner::finish_program() {
  const std::vector<Child*> program = {&program_->child};
  program_->child.kill_session();
  wait_for_ends(program, killed_end_within);
  note_what_it_left(*program_->order, program_->child, &report_.programs.back());
  std::vector<pid_t> others;
  for (const Child* child : children())
    if (child != &program_->child) others.push_back(child->pid());
  kill_strays(others, others);
  program_.reset();
}

}  // namespace loopgate
