#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>

#include "protocol/clock_pair.h"
#include "target/loopback/commands.h"
#include "target/loopback/events.h"
#include "target/loopback/gpio_pins.h"
#include "target/loopback/jumper_check.h"
#include "target/loopback/recorder.h"
#include "target/loopback/rights.h"
#include "target/loopback/schedule.h"
#include "target/real_time.h"
#include "target/service.h"

namespace loopgate {
namespace {

// The check's pulses as samples. That the delay was known is said by their place: PulseTrain::known_delay_ns.
std::string self_checks_of(const LoopbackOptions& options, std::vector<Sample>* samples) {
  if (options.self_checks == 0) return {};
  JumperCheck check;
  if (std::string problem = read_jumper_check(options.check_file, &check); !problem.empty()) return problem;
  if (check.pulses.size() < options.self_checks)
    return options.check_file + ": has " + std::to_string(check.pulses.size()) + " pulses, and " +
           std::to_string(options.self_checks) + " self-checks are wanted";
  for (std::uint32_t index = 0; index < options.self_checks; ++index) {
    const JumperPulse& pulse = check.pulses[index];
    Sample sample{pulse.before_ns, pulse.before_ns, pulse.response_edge_ns,
                  sample_sent | sample_answered | sample_self_check, index};
    if (sample.latency_ns() > options.train.deadline_ns) sample.flags |= sample_late;
    samples->push_back(sample);
  }
  return {};
}

std::string why_no_lines(const LoopbackOptions& options, const std::string& path) {
  const gpiod::chip chip(path);
  std::string problem = target::why_not(chip, options.stimulus_out);
  if (problem.empty()) problem = target::why_not(chip, options.response_in);
  if (problem.empty() && options.verdict_in) problem = target::why_not(chip, *options.verdict_in);
  return problem;
}

std::optional<EventFigures> figures_of(const ExactCounts& counts) {
  if (counts.total() == 0) return std::nullopt;
  return EventFigures{counts.min_ns(), counts.quantile_ns(500'000), counts.quantile_ns(990'000),
                      counts.max_ns()};
}

// The smallest step that two readings of the clock showed: at least one tick of the counter behind it.
std::int64_t clock_step_ns() {
  std::int64_t step_ns = 1'000'000'000;
  for (int i = 0; i < 1'000; ++i) {
    const std::int64_t before_ns = now_ns();
    std::int64_t after_ns = before_ns;
    while (after_ns == before_ns) after_ns = now_ns();
    step_ns = std::min(step_ns, after_ns - before_ns);
  }
  return step_ns;
}

// Nothing when it is not known where the payload runs.
std::optional<bool> shares_payloads_cpu(const LoopbackOptions& options) {
  if (::sysconf(_SC_NPROCESSORS_ONLN) == 1) return true;
  if (options.cpu < 0 || options.payload_cpus.empty()) return std::nullopt;
  return std::ranges::find(options.payload_cpus, options.cpu) != options.payload_cpus.end();
}

InstrumentEvent end_of(const LoopbackOptions& options, const Recorder& recorder, std::uint64_t spurious,
                       bool degraded, const target::PageFaults& faults) {
  PulseCounts counts = recorder.counts();
  counts.spurious = spurious;
  timespec resolution{};
  ::clock_getres(CLOCK_MONOTONIC, &resolution);
  InstrumentEvent end = event_now(InstrumentEvent::Kind::measured, counts);
  LoopbackFigures& figures = end.loopback.emplace();
  figures.own_share = figures_of(recorder.own_share());
  figures.late_by = figures_of(recorder.late_by());
  if (options.cpu >= 0) figures.cpu = options.cpu;
  figures.shares_payloads_cpu = shares_payloads_cpu(options);
  figures.timer_resolution_ns = resolution.tv_sec * 1'000'000'000 + resolution.tv_nsec;
  figures.counter_hz = counter_hz();
  figures.clock_step_ns = clock_step_ns();
  figures.minor_faults = faults.minor;
  figures.major_faults = faults.major;
  figures.priority_read_back = target::priority_read_back();
  figures.degraded = degraded;
  return end;
}

// Also as an event, for whoever reads those.
int give_up(const std::string& what, int exit_status) {
  say(error_event("loopback: " + what));
  return complain(what, exit_status);
}

}  // namespace

int run_command(const LoopbackOptions& options, const std::string& chip) {
  if (const std::string problem = why_no_lines(options, chip); !problem.empty())
    return give_up(problem, target::exit_no_line);
  std::vector<Sample> self_checks;
  if (const std::string problem = self_checks_of(options, &self_checks); !problem.empty())
    return give_up(problem, target::exit_no_jumper);
  if (const std::string problem = keep_to_cpu(options.cpu); !problem.empty())
    return give_up(problem, target::exit_usage);
  GpioPins pins(chip, options.stimulus_out, options.response_in, options.falls());
  if (options.verdict_in) {
    if (const std::string problem = pins.open_decisions(chip, *options.verdict_in, options.records);
        !problem.empty())
      return give_up(problem, target::exit_broken);
  }
  target::end_on_signals();
  const auto ring = std::make_unique<HandedRing>();
  Recorder recorder(options.train, ring.get());
  if (auto started = recorder.start({options.samples, options.stamps}, self_checks); !started)
    return give_up(to_text(started.error()), target::exit_broken);
  std::string refused = become_real_time(options.priority);
  if (refused.empty()) refused = raise_edge_thread(options.priority);
  if (!refused.empty() && !options.allow_degraded)
    return give_up(refused + "; --allow-degraded measures without", target::exit_no_right);

  Schedule schedule(options.train, options.self_checks, &pins, ring.get(), recorder.failed());
  const target::PageFaults before = target::page_faults();
  std::string problem = schedule.run();
  const target::PageFaults after = target::page_faults();
  if (problem.empty() && refused.empty() && target::priority_read_back() != options.priority)
    problem = "its real-time priority was " + std::to_string(target::priority_read_back()) +
              " at the end, and not " + std::to_string(options.priority) + " any more";
  if (auto written = recorder.finish(); !written)
    return give_up(to_text(written.error()), target::exit_broken);
  if (!problem.empty()) return give_up(problem, target::exit_broken);
  if (auto closed = recorder.close_files(); !closed)
    return give_up(to_text(closed.error()), target::exit_broken);
  if (!say(end_of(options, recorder, schedule.spurious(), !refused.empty(),
                  {after.minor - before.minor, after.major - before.major})))
    return complain(std::string("standard output cannot be written: ") + std::strerror(errno),
                    target::exit_broken);
  return target::exit_good;
}

}  // namespace loopgate
