// The job runner's probe in the kernel.
#include "target/agent/job_runner_probe.h"

#include <unistd.h>

#include <csignal>

#include "base/text.h"
#include "target/agent/job_runner.h"
#include "target/agent/load_part.h"
#include "target/agent/text_file.h"

namespace loopgate {
namespace {

// Names of some hundred addresses, and a file of some MB, while the load still runs.
constexpr std::chrono::milliseconds probe_end_within{10'000};
constexpr std::size_t findings_tail = 256U << 10U;

tl::unexpected<Failure> probe_failed(std::string what) {
  return tl::unexpected<Failure>(Failure{"probe", "", std::move(what)});
}

}  // namespace

std::string why_probe_ended(const Child& probe) {
  constexpr std::string_view name = "probe: ";
  const std::string words = probe.last_words();
  return words.starts_with(name) ? words.substr(name.size()) : how_it_ended("it", probe);
}

// Once the payload has its line, whose interrupt and thread the probe looks for.
JobRunner::Step JobRunner::start_probe() {
  if (!job_.probe) return {};
  const ProbeSpec& order = *job_.probe;
  ::unlink(order.file.c_str());  // one of before is none of its own
  if (!order.trace.empty()) ::unlink(order.trace.c_str());
  std::vector<std::string> argv = order.argv;
  argv.insert(argv.end(), {"--payload", std::to_string(payload_->pid())});
  const auto started = Clock::now();
  auto child = Child::start("probe", argv, {events_.notify_variable()});
  if (!child) return probe_failed(child.error().what);
  probe_ = std::move(*child);
  for (bool ready = false; !ready;) {
    const auto left = started + order.ready_timeout - Clock::now();
    if (left <= Clock::duration::zero())
      return probe_failed("it was not ready within " + std::to_string(order.ready_timeout.count()) + " ms");
    if (auto done = pause(left, &ready); !done) return done;
  }
  return {};
}

// As soon as measuring is over: what it goes on to see is no stimulus.
void JobRunner::stop_probe() {
  if (!probe_) return;
  const std::vector<Child*> probe = {&*probe_};
  probe_->signal(SIGINT);
  wait_for_ends(probe, probe_end_within);
  probe_->kill_session();
  wait_for_ends(probe, killed_end_within);
  ProbeReport& report = report_.probe.emplace();
  report.exit = probe_->exit();
  report.output = last_line(probe_->output(findings_tail));
  report.errors = probe_->errors(errors_tail);
  if (!job_.probe->in_report) return;
  if (auto bytes = read_text(job_.probe->file)) report.file = *std::move(bytes);
  if (job_.probe->trace.empty()) return;
  if (auto bytes = read_text(job_.probe->trace)) report.trace = *std::move(bytes);
}

}  // namespace loopgate
