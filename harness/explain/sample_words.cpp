#include "explain/sample_words.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/text.h"
#include "base/units.h"
#include "explain/sample/breakdown.h"

namespace loopgate {
namespace {

constexpr std::size_t callers_shown = 4;
constexpr std::size_t dependences_shown = 6;

// "CPU 1: stress-ng-vm (SCHED_OTHER) in memset < do_wp_page"
std::string other_text(const ExplainedSample& sample, const CrossCpu::Other& other) {
  const std::string calls = calls_text(sample, other.chain);
  return fmt::format("CPU {}: {}{}", other.cpu, text_of(sample.tasks[other.task]),
                     calls.empty() ? "" : " in " + calls);
}

std::string others_text(const ExplainedSample& sample, const CrossCpu& each) {
  if (each.others.empty())
    return each.kind == CrossCpu::Kind::ipi ? "whose sender was not seen" : "the others were idle";
  std::vector<std::string> others;
  for (const CrossCpu::Other& other : each.others) others.push_back(other_text(sample, other));
  const char* how = each.kind == CrossCpu::Kind::ipi       ? "of "
                    : each.kind == CrossCpu::Kind::wake_up ? "by "
                                                           : "meanwhile ";
  return fmt::format("{}{}", how, fmt::join(others, ", "));
}

std::string dependence_text(const ExplainedSample& sample, const CrossCpu& each) {
  const bool waits = each.kind != CrossCpu::Kind::ipi && each.kind != CrossCpu::Kind::wake_up;
  return fmt::format("  {:>8}  at {:>8}  CPU {}, {}, {}{}\n{:26}{}\n",
                     duration_text(each.end_ns - each.begin_ns), duration_text(each.begin_ns), each.cpu,
                     text_of(sample.tasks[each.task]), cross_cpu_names[static_cast<std::size_t>(each.kind)],
                     waits ? " in " + calls_text(sample, each.chain) : "", "", others_text(sample, each));
}

}  // namespace

std::string text_of(const ExplainedTask& task) {
  if (task.pid == 0) return "the idle task";
  const bool real_time = task.policy == "SCHED_FIFO" || task.policy == "SCHED_RR";
  return fmt::format("{} ({}{})", task.name, task.policy, real_time ? fmt::format(" {}", task.priority) : "");
}

std::string calls_text(std::vector<std::string> innermost_first) {
  if (innermost_first.size() > callers_shown) innermost_first.resize(callers_shown);
  return fmt::format("{}", fmt::join(innermost_first, " < "));
}

std::string calls_text(const ExplainedSample& sample, std::uint32_t chain) {
  std::vector<std::string> stack = stack_of(sample, chain);
  std::ranges::reverse(stack);
  return calls_text(std::move(stack));
}

std::string cross_cpu_text(const ExplainedSample& sample) {
  if (sample.cross_cpu.empty()) return {};
  std::vector<const CrossCpu*> longest;
  for (const CrossCpu& each : sample.cross_cpu) longest.push_back(&each);
  std::ranges::stable_sort(longest, std::greater<>(),
                           [](const CrossCpu* each) { return each->end_ns - each->begin_ns; });
  std::string text = "\n  where it depended on another CPU, longest first\n";
  for (std::size_t i = 0; i < std::min(longest.size(), dependences_shown); ++i)
    text += dependence_text(sample, *longest[i]);
  if (longest.size() > dependences_shown)
    text += fmt::format("  and {} more\n", longest.size() - dependences_shown);
  return text;
}

}  // namespace loopgate
