#include "board/agent_run.h"

#include <fmt/format.h>

#include "base/elapsed.h"

namespace loopgate {
namespace {

using Kind = InstrumentEvent::Kind;
using std::chrono::seconds;

// Longer than any event.
constexpr std::size_t line_max = 64U << 10U;
// The agent keeps its own limits and ends by itself; these are for an agent that falls silent.
constexpr seconds spare_time{30};
constexpr seconds silence_limit{60};
constexpr seconds report_limit{60};
constexpr seconds check_limit{30};  // the check of the jumpers, before the payload requests its lines

seconds instrument_limit(const Job& job) {
  if (!job.instrument) return seconds(0);
  return std::chrono::floor<seconds>(job.instrument->check_timeout + job.instrument->timeout);
}

}  // namespace

AgentLimits agent_limits(const CellRequest& request) {
  AgentLimits limits;
  const seconds instrument = instrument_limit(request.job);
  limits.ready = seconds(request.ready_limit_ns / 1'000'000'000) + check_limit + spare_time;
  // Add the longest time between two stimuli.
  const PulseSettings& pulses = pulses_of(request.work);
  limits.silence =
      silence_limit + seconds((pulses.interval_max_ns + pulses.response_timeout_ns) / 1'000'000'000);
  // Programs say nothing until the last has ended.
  if (const auto* programs = std::get_if<ProgramsRequest>(&request.work)) {
    limits.silence += seconds(programs->timeout_ns / 1'000'000'000);
    limits.whole += seconds(programs->timeout_ns / 1'000'000'000);
  }
  limits.whole += limits.ready + instrument + report_limit + spare_time;
  return limits;
}

Result<AgentEnd> AgentRun::run(const std::string& script, const ProgressListener& on_progress,
                               const std::function<void()>& during) {
  on_progress_ = on_progress;
  started_ = heard_ = Clock::now();
  RemoteCommand command;
  command.script = script;
  command.limit = limits_.whole;
  command.on_output = [this](std::string_view text) { take(text); };
  command.pause = limits_.poll_interval;
  command.on_pause = [&] {
    if (stage_ == Stage::measuring && during) {
      const auto began = Clock::now();
      during();
      heard_ += Clock::now() - began;  // events were not read during this time
    }
    return keep_waiting();
  };
  auto finished = remote_->run(command);
  if (!finished) return tl::unexpected(finished.error());
  if (!ended_) return unexpected_end(*finished);
  return end_;
}

void AgentRun::take(std::string_view text) {
  for (const char c : text) {
    if (c != '\n') {
      if (line_.size() < line_max) line_ += c;
      continue;
    }
    take_line(line_);
    line_.clear();
  }
}

void AgentRun::take_line(const std::string& line) {
  auto event = parse_event(line);
  if (!event) {
    if (problem_.empty()) problem_ = event.error().what;
    return;
  }
  heard_ = Clock::now();
  if (event->kind == Kind::counting && end_.to_first_counted_s == 0)
    end_.to_first_counted_s = seconds_since(started_);
  if (event->counts.planned > 0) last_ = *event;
  if (on_progress_) on_progress_(stage_, *event);
  if (event->kind == Kind::ready) stage_ = Stage::measuring;
  if (event->kind == Kind::measured) stage_ = Stage::reporting;
  if (event->kind == Kind::error && problem_.empty()) problem_ = "the instrument: " + event->what;
  if (event->kind != Kind::reported && event->kind != Kind::failed) return;
  ended_ = true;
  end_.event = *event;
  end_.event.counts = last_.counts;
}

bool AgentRun::keep_waiting() {
  if (ended_) return true;  // the process is about to exit
  const auto silent = Clock::now() - heard_;
  const seconds limit = stage_ == Stage::getting_ready ? limits_.ready
                        : stage_ == Stage::measuring   ? limits_.silence
                                                       : report_limit;
  if (silent < limit) return true;
  problem_ = fmt::format("{} s without an event from the agent while it was {}", limit.count(),
                         stage_ == Stage::getting_ready ? "getting ready"
                         : stage_ == Stage::measuring   ? "measuring"
                                                        : "reporting");
  return false;
}

tl::unexpected<Error> AgentRun::unexpected_end(const ProcessResult& finished) const {
  if (!problem_.empty()) return fail(ErrorKind::infrastructure, problem_, "see console.log");
  const std::string word = last_printable_line(finished.errors);
  return fail(ErrorKind::infrastructure,
              fmt::format("the agent exited with status {} without a report{}", finished.exit_status,
                          word.empty() ? "" : ": " + word),
              "check that the board has unshare, mount and chroot, and that the programs match its CPU");
}

}  // namespace loopgate
