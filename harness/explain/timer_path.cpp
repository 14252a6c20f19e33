#include "explain/timer_path.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/text.h"
#include "base/units.h"
#include "stats/histogram_tail.h"

namespace loopgate {
namespace {

constexpr std::uint32_t median_per_million = 500'000;

std::int64_t ns_in(const ExplainedSample& sample, Phase phase) {
  return sample.phase_ns[static_cast<std::size_t>(phase)];
}

// Where the payload is in user space for the first time; the latency where it never is.
std::int64_t answer_begins_ns(const ExplainedSample& sample) {
  const auto first = std::ranges::find(sample.spans, Phase::payload, &Span::phase);
  return first == sample.spans.end() ? sample.latency_ns : first->begin_ns;
}

std::int64_t return_ns(const ExplainedSample& sample) {
  const std::int64_t end_ns = answer_begins_ns(sample);
  std::int64_t ns = 0;
  for (const Span& span : sample.spans)
    if (span.phase == Phase::system_calls && span.begin_ns < end_ns) ns += span.end_ns - span.begin_ns;
  return ns;
}

std::string ns_text(std::int64_t ns) { return with_thousands(static_cast<std::uint64_t>(ns)) + " ns"; }

// "irq thread wakeup latency 2,748 ns, irq thread 957 ns"
std::string parts_text(const std::vector<PathPart>& parts, OnTimersWay timer) {
  std::vector<std::string> each;
  for (const PathPart& part : parts)
    if (part.timer == timer && part.ns > 0) each.push_back(fmt::format("{} {}", part.name, ns_text(part.ns)));
  return fmt::format("{}", fmt::join(each, ", "));
}

}  // namespace

std::vector<PathPart> timers_parts(const ExplainedSample& sample) {
  const std::int64_t back_ns = return_ns(sample);
  const std::int64_t answer_ns = ns_in(sample, Phase::payload) + ns_in(sample, Phase::system_calls) - back_ns;
  return {
      {"irqs disabled", OnTimersWay::too, "its timer's interrupt waits as well",
       ns_in(sample, Phase::irqs_disabled)},
      {"hardirq", OnTimersWay::its_own, "of the timer, whose handler wakes the program itself",
       ns_in(sample, Phase::hardirq)},
      {"irq thread wakeup latency", OnTimersWay::none, "a timer has no irq thread",
       ns_in(sample, Phase::irq_thread_wakeup)},
      {"irq thread", OnTimersWay::none, "a timer has no irq thread", ns_in(sample, Phase::irq_thread)},
      {"payload wakeup latency", OnTimersWay::too, "it is woken and switched to as well",
       ns_in(sample, Phase::payload_wakeup)},
      {"back from its system call", OnTimersWay::its_own,
       "from clock_nanosleep(), and there it reads the clock", back_ns},
      {"the answer", OnTimersWay::none, "it has read the clock: no call that answers, no GPIO write",
       answer_ns},
  };
}

std::int64_t sum_of(const std::vector<PathPart>& parts, OnTimersWay timer) {
  std::int64_t ns = 0;
  for (const PathPart& part : parts) ns += part.timer == timer ? part.ns : 0;
  return ns;
}

std::optional<ProgramBeside> program_beside(const ProgramsFile& file) {
  if (!file.stimuli || file.programs.size() != 1) return std::nullopt;
  const ProgramResult& result = file.programs.front().result;
  const bool ran = result.verdict == ProgramVerdict::pass || result.verdict == ProgramVerdict::fail;
  if (!ran || !result.histogram) return std::nullopt;
  const auto tail = HistogramTail::make(*result.histogram);
  if (!tail || tail->count() == 0) return std::nullopt;
  return ProgramBeside{file.programs.front().name, tail->quantile(median_per_million), tail->max()};
}

std::string timers_sentence(const ExplainedSample& sample, const ProgramBeside& program) {
  const std::vector<PathPart> parts = timers_parts(sample);
  const std::int64_t unseen_ns = sum_of(parts, OnTimersWay::none);
  std::string text = fmt::format("{} of {} are on no way from a timer to its program", ns_text(unseen_ns),
                                 ns_text(sample.latency_ns));
  if (unseen_ns > 0) text += fmt::format(" ({})", parts_text(parts, OnTimersWay::none));
  text += fmt::format("; {} has parts of its own in place of {}", program.name,
                      ns_text(sum_of(parts, OnTimersWay::its_own)));
  text += fmt::format(
      ", and meets the same as {}. In this cell it measured a median of {} and a max of {} of "
      "itself",
      ns_text(sum_of(parts, OnTimersWay::too)), range_text(program.median), range_text(program.max));
  return text;
}

const char* name_of(OnTimersWay timer) {
  switch (timer) {
    case OnTimersWay::too:
      return "too";
    case OnTimersWay::its_own:
      return "its own";
    case OnTimersWay::none:
      return "none";
  }
  return "";
}

}  // namespace loopgate
