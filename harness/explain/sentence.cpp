#include "explain/sentence.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>

#include "explain/ledger.h"

namespace loopgate {
namespace {

constexpr std::size_t callers_shown = 4;

std::string told(const ExplainedTask& task) {
  if (task.pid == 0) return "the idle task";
  const bool real_time = task.policy == "SCHED_FIFO" || task.policy == "SCHED_RR";
  return fmt::format("{} ({}{})", task.name, task.policy, real_time ? fmt::format(" {}", task.priority) : "");
}

// The longest time in a phase by anything that `key` tells apart; spans without a key are left out.
template <class Key>
std::pair<std::size_t, std::int64_t> longest(const ExplainedSample& sample, Phase phase, std::size_t count,
                                             Key key) {
  std::vector<std::int64_t> ns(count);
  for (const Span& span : sample.spans) {
    const std::optional<std::uint32_t> number = span.phase == phase ? key(span) : std::nullopt;
    if (number) ns[*number] += span.end_ns - span.begin_ns;
  }
  const auto most = std::max_element(ns.begin(), ns.end());
  return {static_cast<std::size_t>(most - ns.begin()), *most};
}

bool is_kernel(const ExplainedSample& sample, const Span& span) {
  const auto stack = stack_of(sample, span.chain);
  return std::any_of(stack.begin(), stack.end(), [](const std::string& name) {
    return name.starts_with("el0_") || name.starts_with("el1") || name.starts_with("ret_from_fork") ||
           name.starts_with("vectors") || name.starts_with("tramp");
  });
}

// Why whoever waited did not run.
std::string hold(const ExplainedSample& sample, Phase phase, std::uint32_t task,
                 const Preemption& preemption) {
  std::int64_t in_interrupt = 0;
  std::int64_t in_kernel = 0;
  std::int64_t all = 0;
  for (const Span& span : sample.spans) {
    if (span.phase != phase || span.task != task) continue;
    const std::int64_t ns = span.end_ns - span.begin_ns;
    all += ns;
    if (span.interrupt) {
      in_interrupt += ns;
    } else if (is_kernel(sample, span)) {
      in_kernel += ns;
    }
  }
  if (phase == Phase::masked) return "with interrupts masked";
  if (2 * in_interrupt > all) return "in interrupt handlers on top of";
  if (2 * in_kernel > all && !preemption.kernel_code)
    return "interrupts on, in kernel code, which this kernel does not preempt, of";
  return "by";
}

}  // namespace

std::string short_time(std::int64_t ns) {
  if (ns < 1'000) return fmt::format("{} ns", ns);
  if (ns < 1'000'000) return fmt::format("{:.4g} us", static_cast<double>(ns) / 1e3);
  return fmt::format("{:.4g} ms", static_cast<double>(ns) / 1e6);
}

std::string why(const ExplainedSample& sample, const Preemption& preemption) {
  const auto most = std::max_element(sample.phase_ns.begin(), sample.phase_ns.end());
  const auto number = static_cast<std::size_t>(most - sample.phase_ns.begin());
  const auto phase = static_cast<Phase>(number);
  const auto [task, task_ns] =
      longest(sample, phase, sample.tasks.size(), [](const Span& span) { return std::optional(span.task); });
  const auto [function, function_ns] = longest(sample, phase, sample.functions.size(), [&](const Span& span) {
    return std::optional(sample.chains[span.chain].function);
  });
  const auto [chain, chain_ns] = longest(sample, phase, sample.chains.size(), [&](const Span& span) {
    return sample.chains[span.chain].function == function ? std::optional(span.chain) : std::nullopt;
  });
  auto stack = stack_of(sample, static_cast<std::uint32_t>(chain));
  std::reverse(stack.begin(), stack.end());
  if (stack.size() > callers_shown) stack.resize(callers_shown);
  const std::string where =
      fmt::format("{:.0f} % in {}", 100.0 * static_cast<double>(function_ns) / static_cast<double>(*most),
                  fmt::join(stack, " < "));
  const std::string rest = sample.latency_ns == *most ? ""
                                                      : fmt::format("; the other phases took {}",
                                                                    short_time(sample.latency_ns - *most));
  const bool waits =
      phase == Phase::masked || phase == Phase::waiting_thread || phase == Phase::waiting_payload;
  if (!waits)
    return fmt::format("{} {} of {}: {}{}", phase_names[number], short_time(*most),
                       short_time(sample.latency_ns), where, rest);
  return fmt::format("{} {} of {}: held up {} {}{}, {}{}", phase_names[number], short_time(*most),
                     short_time(sample.latency_ns),
                     hold(sample, phase, static_cast<std::uint32_t>(task), preemption),
                     told(sample.tasks[task]),
                     task_ns == *most ? "" : fmt::format(" for {} of it", short_time(task_ns)), where, rest);
}

}  // namespace loopgate
