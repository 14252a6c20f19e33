#include "target/agent/job_runner.h"

#include <unistd.h>

#include <algorithm>

#include "target/agent/job_runner_probe.h"
#include "target/agent/kernel_facts.h"
#include "target/agent/text_file.h"

namespace loopgate {
namespace {

using std::chrono::milliseconds;

// A look at /proc takes some ms of a slow CPU; the load needs that time to come up.
constexpr milliseconds look_again_after{5};

tl::unexpected<Failure> failed(std::string part, std::string name, std::string what) {
  return tl::unexpected<Failure>(Failure{std::move(part), std::move(name), std::move(what)});
}

std::string text_or_nothing(const std::string& path) {
  auto text = read_text(path);
  return text ? *std::move(text) : std::string();
}

std::chrono::nanoseconds now() { return std::chrono::steady_clock::now().time_since_epoch(); }

}  // namespace

Report JobRunner::run() {
  report_.timing.job_read = now();
  report_.kernel = read_kernel_facts(job_.kernel);
  Step done = get_ready();
  if (done) done = measure();
  if (!done) report_.failure = done.error();
  report_.timing.stopped = now();
  stop_program_beside();  // before the looks at /proc: they take ms at a priority above its own
  stop_probe();
  report_.interrupts_end = text_or_nothing("/proc/interrupts");
  note_what_runs();
  if (report_.timing.ready) look_again();
  stop();
  write_down();
  return std::move(report_);
}

JobRunner::Step JobRunner::get_ready() {
  return judge_tuning(tuner_.apply_files(job_.files))
      .and_then([&] { return check_kernel(); })
      .and_then([&] { return perturb(); })
      .and_then([&] { return start_load(); })
      .and_then([&] { return attest_load(); })
      .and_then([&] { return settle(); })
      .and_then([&] { return check_jumpers(); })
      .and_then([&] { return job_.has_payload() || job_.programs.empty() ? start_payload() : Step(); })
      // Only now, since a line's interrupt thread is made when the line is requested.
      .and_then([&] { return judge_tuning(tuner_.apply_threads(job_.threads)); })
      .and_then([&] { return start_probe(); });
}

JobRunner::Step JobRunner::judge_tuning(std::vector<TuningRow> rows) {
  report_.tuning.insert(report_.tuning.end(), rows.begin(), rows.end());
  const auto bad = std::ranges::find(rows, false, &TuningRow::ok);
  if (bad == rows.end()) return {};
  const std::string subject = subject_of(*bad);
  return failed("tuning", subject, subject + " reads back " + bad->read_back + ", wanted " + bad->wanted);
}

JobRunner::Step JobRunner::check_kernel() {
  for (const FileCheck& check : job_.checks) report_.checks.push_back(check_file(check));
  const auto bad = std::ranges::find(report_.checks, false, &CheckRow::passed);
  if (bad == report_.checks.end()) return {};
  return failed("checks", bad->name, "wanted " + bad->expected + ", saw " + bad->seen);
}

JobRunner::Step JobRunner::perturb() {
  if (!job_.perturbation) return {};
  if (auto mixed = mix_into_random_numbers(job_.perturbation->seed); !mixed)
    return failed("perturbation", "random numbers", mixed.error().what);
  auto memory = HeldMemory::take(static_cast<std::size_t>(job_.perturbation->held_pages));
  if (!memory) return failed("perturbation", "held memory", memory.error().what);
  held_memory_ = std::move(*memory);
  return wait_for(job_.perturbation->delay);
}

JobRunner::Step JobRunner::start_load() {
  parts_.reserve(job_.parts.size());
  for (const PartSpec& order : job_.parts) {
    auto child = Child::start(order.name, order.argv);
    if (!child) return failed("load", order.name, child.error().what);
    parts_.push_back({order, std::move(*child), Clock::now(), {}, false, {}, {}, false});
  }
  return {};
}

JobRunner::Step JobRunner::attest_load() {
  while (!look_at_load()) {
    for (const RunningPart& part : parts_) {
      if (!part.attested && Clock::now() - part.started > part.order.ready_timeout)
        return failed("load", part.order.name, what_is_missing(part));
    }
    if (auto done = pause(look_again_after); !done) return done;
  }
  report_.timing.attested = now();
  return {};
}

bool JobRunner::look_at_load() {
  bool all = true;
  for (RunningPart& part : parts_) {
    if (part.attested) continue;
    part.seen = usage_of(part.child.pid());
    part.attested = is_running(part.order, part.seen);
    part.attested_usage = part.seen;
    all = all && part.attested;
  }
  return all;
}

JobRunner::Step JobRunner::settle() { return wait_for(job_.settle); }

JobRunner::Step JobRunner::wait_for(Clock::duration time) {
  const auto end = Clock::now() + time;
  for (auto now = Clock::now(); now < end; now = Clock::now()) {
    if (auto done = pause(end - now); !done) return done;
  }
  return {};
}

// Before the payload requests its lines: the check needs all four ends of the jumpers.
JobRunner::Step JobRunner::check_jumpers() {
  if (!job_.instrument) return {};
  const InstrumentSpec& order = *job_.instrument;
  instrument_.emplace(order);
  if (auto started = instrument_->start_check(); !started)
    return failed("instrument", order.check_argv.front(), started.error().what);
  for (const auto end = Clock::now() + order.check_timeout; !instrument_->child().ended();) {
    if (Clock::now() >= end)
      return failed("instrument", order.check_argv.front(),
                    "the check of the jumpers did not end within " +
                        std::to_string(order.check_timeout.count()) + " ms");
    if (auto done = pause(end - Clock::now()); !done) return done;
  }
  if (const std::string problem = instrument_->end_check(); !problem.empty())
    return failed("instrument", order.check_argv.front(), problem);
  return {};
}

JobRunner::Step JobRunner::start_payload() {
  const auto started = Clock::now();
  auto child = Child::start("payload", job_.payload.argv, {events_.notify_variable()});
  if (!child) return failed("payload", job_.payload.argv.front(), child.error().what);
  payload_ = std::move(*child);
  if (!job_.payload.cpus.empty()) {
    report_.tuning.push_back(keep_to_cpus(payload_->pid(), "payload", job_.payload.cpus));
    const TuningRow& row = report_.tuning.back();
    if (!row.ok)
      return failed("payload", job_.payload.argv.front(),
                    row.what + " are " + row.read_back + ", wanted " + row.wanted);
  }
  for (bool ready = false; !ready;) {
    const auto left = started + job_.payload.ready_timeout - Clock::now();
    if (left <= Clock::duration::zero())
      return failed("payload", job_.payload.argv.front(),
                    "the payload did not say READY=1 within " +
                        std::to_string(job_.payload.ready_timeout.count()) + " ms");
    if (auto done = pause(left, &ready); !done) return done;
  }
  payload_ready_after_ = Clock::now() - started;
  return {};
}

JobRunner::Step JobRunner::measure() {
  report_.threads = audited_threads();
  if (payload_) payload_policies_ = policies_of(payload_->pid());
  report_.interrupts_start = text_or_nothing("/proc/interrupts");
  if (auto done = look_for_ends(); !done) return done;
  if (auto done = start_program_beside(); !done) return done;
  report_.timing.ready = now();
  on_ready_();
  if (!job_.has_payload() && !job_.programs.empty()) return run_programs();
  return job_.instrument ? measure_on_board() : measure_from_outside();
}

JobRunner::Step JobRunner::measure_from_outside() {
  for (;;) {
    const Events::Seen seen = wait_while_measuring();
    if (seen.child_ended) {
      if (auto done = look_for_ends(); !done) return done;
    }
    if (seen.stop) return {};
  }
}

JobRunner::Step JobRunner::measure_on_board() {
  const InstrumentSpec& order = *job_.instrument;
  if (auto started = instrument_->start(); !started)
    return failed("instrument", order.argv.front(), started.error().what);
  events_.watch_output(instrument_->output_fd());
  for (const auto end = Clock::now() + order.timeout; !instrument_->child().ended();) {
    if (Clock::now() >= end)
      return failed("instrument", order.argv.front(),
                    "the instrument did not end within " + std::to_string(order.timeout.count()) + " ms");
    const Events::Seen seen = wait_while_measuring(end);
    if (seen.output && !instrument_->read_lines(on_line_)) events_.watch_output(-1);
    if (seen.child_ended) {
      if (auto done = look_for_ends(); !done) return done;
    }
    if (seen.stop) return failed("agent", "", "it was told to stop while the instrument measured");
  }
  instrument_->read_lines(on_line_);
  if (const std::string problem = instrument_->why_it_failed(); !problem.empty())
    return failed("instrument", order.argv.front(), problem);
  return {};
}

// Waits, and fails when a program ends by itself or the stop comes while nothing is ready yet.
JobRunner::Step JobRunner::pause(Clock::duration at_most, bool* ready) {
  const Events::Seen seen = events_.wait(at_most);
  if (ready != nullptr) *ready = seen.ready;
  if (seen.child_ended) {
    if (auto done = look_for_ends(); !done) return done;
  }
  if (seen.stop) return failed("agent", "", "it was told to stop before it was ready");
  return {};
}

JobRunner::Step JobRunner::look_for_ends() {
  reap(children());
  for (RunningPart& part : parts_) {
    if (!part.child.ended()) continue;
    part.died_early = true;
    return failed("load", part.order.name, how_it_ended("load part " + part.order.name, part.child));
  }
  if (payload_ && payload_->ended())
    return failed("payload", job_.payload.argv.front(), how_it_ended("the payload", *payload_));
  if (probe_ && probe_->ended()) return failed("probe", "", why_probe_ended(*probe_));
  return {};
}

std::vector<Child*> JobRunner::children() {
  std::vector<Child*> all;
  for (RunningPart& part : parts_) all.push_back(&part.child);
  if (payload_) all.push_back(&*payload_);
  if (program_) all.push_back(&program_->child);
  if (probe_) all.push_back(&*probe_);
  if (instrument_ && instrument_->started()) all.push_back(&instrument_->child());
  return all;
}

void JobRunner::write_down() {
  for (const RunningPart& part : parts_) report_.parts.push_back(report_of(part));
  if (instrument_) report_.instrument = instrument_->report();
  if (!payload_) return;
  report_.payload = PayloadReport{payload_->exit(), payload_->output(output_tail),
                                  payload_->errors(errors_tail), payload_ready_after_, payload_code_};
}

}  // namespace loopgate
