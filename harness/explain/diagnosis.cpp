#include "explain/diagnosis.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <optional>
#include <span>

#include "base/text.h"
#include "base/units.h"
#include "explain/sample/breakdown.h"
#include "explain/sample_words.h"

namespace loopgate {
namespace {

using Spans = std::vector<const Span*>;

std::int64_t length(const Span& span) { return span.end_ns - span.begin_ns; }

std::int64_t length(const Spans& spans) {
  std::int64_t ns = 0;
  for (const Span* span : spans) ns += length(*span);
  return ns;
}

template <class Key>
auto most_of(const Spans& spans, Key key) {
  std::map<decltype(key(*spans[0])), std::int64_t> ns;
  for (const Span* span : spans) ns[key(*span)] += length(*span);
  return *std::max_element(ns.begin(), ns.end(),
                           [](const auto& a, const auto& b) { return a.second < b.second; });
}

bool most_are(const Spans& spans, bool Span::* what) {
  std::int64_t with = 0;
  for (const Span* span : spans) with += span->*what ? length(*span) : 0;
  return 2 * with > length(spans);
}

Spans spans_in(const ExplainedSample& sample, Phase phase, std::optional<std::uint32_t> task = {}) {
  Spans chosen;
  for (const Span& span : sample.spans) {
    if (span.phase == phase && (!task || span.task == *task) && length(span) > 0) chosen.push_back(&span);
  }
  return chosen;
}

std::map<std::string, std::int64_t> ns_by_name(const ExplainedSample& sample, Phase phase) {
  std::map<std::string, std::int64_t> ns;
  for (const Span* span : spans_in(sample, phase)) ns[sample.tasks[span->task].name] += length(*span);
  return ns;
}

Phase longest_phase(const ExplainedSample& sample, const ExplainedSample* typical) {
  auto ns = sample.phase_ns;
  for (std::size_t i = 0; typical != nullptr && i < ns.size(); ++i) ns[i] -= typical->phase_ns[i];
  auto most = std::max_element(ns.begin(), ns.end());
  if (*most <= 0) return longest_phase(sample, nullptr);
  return static_cast<Phase>(most - ns.begin());
}

// In both samples a task of the same name may be at work, so that only what is more than typical counts.
std::uint32_t holder_of(const ExplainedSample& sample, Phase phase, const ExplainedSample* typical) {
  auto ns = ns_by_name(sample, phase);
  if (typical != nullptr) {
    for (const auto& [name, there] : ns_by_name(*typical, phase)) {
      if (const auto here = ns.find(name); here != ns.end()) here->second -= there;
    }
  }
  const auto most = std::max_element(ns.begin(), ns.end(),
                                     [](const auto& a, const auto& b) { return a.second < b.second; });
  Spans named = spans_in(sample, phase);
  std::erase_if(named, [&](const Span* span) { return sample.tasks[span->task].name != most->first; });
  return most_of(named, [](const Span& span) { return span.task; }).first;
}

bool is_scheduler(std::string_view name) {
  return name.starts_with("__schedule") || name.starts_with("schedule") ||
         name.starts_with("preempt_schedule");
}

// The task that waits in the phase, if it ran in this sample before.
std::optional<std::uint32_t> waiter_of(const ExplainedSample& sample, Phase phase) {
  const Phase its_own = phase == Phase::irq_thread_wakeup ? Phase::irq_thread : Phase::system_calls;
  const Spans own = spans_in(sample, its_own);
  return own.empty() ? std::nullopt : std::optional(own.back()->task);
}

// Where the waiter had gone to sleep when `begin_ns` came; empty when it did not sleep: it could run.
std::string slept_in(const ExplainedSample& sample, std::uint32_t waiter, std::int64_t begin_ns) {
  const TaskEvent* left = nullptr;
  for (const TaskEvent& event : sample.events) {
    if (event.at_ns > begin_ns) break;
    if (event.kind == TaskEvent::Kind::sched_switch && event.task == waiter) left = &event;
  }
  if (left == nullptr || left->result == 0) return {};  // TASK_RUNNING: it was preempted
  for (auto span = sample.spans.rbegin(); span != sample.spans.rend(); ++span) {
    if (span->task != waiter || span->end_ns > left->at_ns) continue;
    auto stack = stack_of(sample, span->chain);
    std::reverse(stack.begin(), stack.end());
    const auto scheduler = std::find_if(stack.rbegin(), stack.rend(), is_scheduler);
    stack.erase(stack.begin(), scheduler.base());
    return calls_text(stack);
  }
  return {};
}

// " in munmap()"
std::string system_call_in(const std::vector<std::string>& stack, std::string_view prefix) {
  for (const std::string& name : stack) {
    if (name.starts_with(prefix)) return fmt::format(" in {}()", name.substr(prefix.size()));
  }
  return {};
}

// Each is a moment at which any kernel lets a task go on that outranks.
std::size_t returns_to_user_space(const Spans& held) {
  std::size_t returns = 0;
  for (std::size_t i = 1; i < held.size(); ++i) returns += held[i - 1]->kernel && !held[i]->kernel ? 1 : 0;
  return returns;
}

// So often a task may come there until the interrupt of the CPU that woke the waiter has arrived.
constexpr std::size_t returns_of_chance = 2;

// Why the task went on although another one was runnable.
std::string reason(const Spans& held, Phase phase, bool waiter_slept, const Preemption& preemption) {
  if (phase == Phase::irqs_disabled) return " with interrupts disabled";
  if (most_are(held, &Span::interrupt)) return ", interrupted by hardirq handlers";
  const std::size_t returns = waiter_slept ? 0 : returns_to_user_space(held);
  if (returns > returns_of_chance)
    return fmt::format(
        ", came to user space {} times and was preferred all the same, as by the scheduler's fair server",
        with_thousands(returns));
  if (waiter_slept || !most_are(held, &Span::kernel)) return "";
  return preemption.kernel_code ? " and could not be preempted (interrupts on, preemption off)"
                                : " and could not be preempted (this kernel does not preempt kernel code)";
}

bool outranks(const ExplainedTask& task, const ExplainedTask& other) {
  const auto rank = [](const ExplainedTask& one) {
    return one.policy == "SCHED_FIFO" || one.policy == "SCHED_RR" ? one.priority : 0;
  };
  return rank(task) >= rank(other);
}

std::string others_text(const ExplainedSample& sample, Phase phase, const ExplainedSample* typical) {
  const auto number = static_cast<std::size_t>(phase);
  const std::int64_t rest = sample.latency_ns - sample.phase_ns[number];
  if (typical == nullptr)
    return rest == 0 ? "" : fmt::format("; {} in the other phases", duration_text(rest));
  return fmt::format("; {} in the other phases; median sample: {} and {}", duration_text(rest),
                     duration_text(typical->phase_ns[number]),
                     duration_text(typical->latency_ns - typical->phase_ns[number]));
}

// The call chain of most of the function in which most of the time went, innermost first.
struct Place {
  std::vector<std::string> stack;
  std::string text;  // "41 % in vli_mult < vli_mod_mult_slow"
};

Place place_of(const ExplainedSample& sample, const Spans& held) {
  const auto function_in = [&](const Span& span) { return sample.chains[span.chain].function; };
  const auto [function, function_ns] = most_of(held, function_in);
  Spans of_function = held;
  std::erase_if(of_function, [&](const Span* span) { return function_in(*span) != function; });
  Place place;
  place.stack = stack_of(sample, most_of(of_function, [](const Span& span) { return span.chain; }).first);
  std::reverse(place.stack.begin(), place.stack.end());
  place.text = fmt::format("{:.0f} % in {}",
                           100.0 * static_cast<double>(function_ns) / static_cast<double>(length(held)),
                           calls_text(place.stack));
  return place;
}

bool is_wait(Phase phase) {
  return phase == Phase::irqs_disabled || phase == Phase::irq_thread_wakeup || phase == Phase::payload_wakeup;
}

// Where the waiter had gone to sleep for most of the time that it was held up.
std::string sleep_of(const ExplainedSample& sample, const Spans& held, std::optional<std::uint32_t> waiter) {
  if (!waiter) return {};
  return most_of(held, [&](const Span& span) { return slept_in(sample, *waiter, span.begin_ns); }).first;
}

// What the waiter's process did meanwhile in other threads, as a managed runtime does: it may be what the
// waiter waits for, even where another process held the CPU for longer. Empty where the holder is one of
// them.
std::string own_threads(const ExplainedSample& sample, Phase phase, std::uint32_t waiter,
                        std::uint32_t holder) {
  const auto is_own = [&](std::uint32_t task) {
    return task != waiter && sample.tasks[task].process == sample.tasks[waiter].process;
  };
  if (is_own(holder)) return {};
  Spans own = spans_in(sample, phase);
  std::erase_if(own, [&](const Span* span) { return !is_own(span->task); });
  if (own.empty()) return {};
  return fmt::format("; its other threads ran for {} of it, {}", duration_text(length(own)),
                     place_of(sample, own).text);
}

// "; 1.5 us of it waiting for other CPUs". Empty where that is below a twentieth.
std::string waits_text(const ExplainedSample& sample, Phase phase) {
  std::int64_t ns = 0;
  for (const CrossCpu& each : sample.cross_cpu) {
    if (each.kind == CrossCpu::Kind::ipi || each.kind == CrossCpu::Kind::wake_up) continue;
    for (const Span* span : spans_in(sample, phase))
      ns += std::max<std::int64_t>(
          0, std::min(span->end_ns, each.end_ns) - std::max(span->begin_ns, each.begin_ns));
  }
  if (20 * ns < sample.phase_ns[static_cast<std::size_t>(phase)] || ns == 0) return {};
  return fmt::format("; {} of it waiting for other CPUs", duration_text(ns));
}

// "stress-ng-vm (SCHED_OTHER) ran in munmap() and could not be preempted (interrupts on, preemption off), 41
// % in vli_mult < vli_mod_mult_slow"
std::string responsible(const ExplainArch& arch, const ExplainedSample& sample, Phase phase,
                        const Preemption& preemption, const ExplainedSample* typical) {
  const std::uint32_t holder = holder_of(sample, phase, typical);
  const Spans held = spans_in(sample, phase, holder);
  const Place place = place_of(sample, held);
  if (!is_wait(phase)) return place.text + waits_text(sample, phase);
  const ExplainedTask& task = sample.tasks[holder];
  const auto waiter = phase == Phase::irqs_disabled ? std::nullopt : waiter_of(sample, phase);
  const std::string sleep = sleep_of(sample, held, waiter);
  const bool has_right = waiter && outranks(task, sample.tasks[*waiter]);
  const std::int64_t held_ns = length(held);
  const bool all_of_it = held_ns == sample.phase_ns[static_cast<std::size_t>(phase)];
  std::string text =
      fmt::format("{} ran{}{}{}, {}", text_of(task), all_of_it ? "" : " for " + duration_text(held_ns),
                  system_call_in(place.stack, arch.system_call_prefix),
                  has_right ? "" : reason(held, phase, !sleep.empty(), preemption), place.text);
  if (!sleep.empty()) text += fmt::format("; {} slept in {}", sample.tasks[*waiter].name, sleep);
  if (waiter && phase == Phase::payload_wakeup) text += own_threads(sample, phase, *waiter, holder);
  return text + waits_text(sample, phase);
}

}  // namespace

std::string diagnose(const ExplainArch& arch, const ExplainedSample& sample, const Preemption& preemption,
                     const ExplainedSample* typical) {
  std::string like;
  // Within 10 % counts as typical: then the longest phase is named.
  if (typical != nullptr && 10 * std::abs(sample.latency_ns - typical->latency_ns) < typical->latency_ns) {
    const bool itself = typical->sample == sample.sample;
    like = itself ? "the median sample; "
                  : fmt::format("like the median sample ({}); ", duration_text(typical->latency_ns));
    typical = nullptr;
  }
  const Phase phase = longest_phase(sample, typical);
  const auto number = static_cast<std::size_t>(phase);
  return fmt::format("{}{} of {} {}: {}{}", like, duration_text(sample.phase_ns[number]),
                     duration_text(sample.latency_ns), phase_names[number],
                     responsible(arch, sample, phase, preemption, typical),
                     others_text(sample, phase, typical));
}

}  // namespace loopgate
