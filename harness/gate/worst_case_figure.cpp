#include "gate/worst_case_figure.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/units.h"
#include "gate/check_parts.h"

namespace loopgate {
namespace {

struct Objection {
  VerdictKind verdict = VerdictKind::invalid;
  std::string why = {};
};

std::int64_t largest_bound(const GroupEvidence& group) {
  std::int64_t bound_ns = 0;
  for (const CellWorstCase& each : group.worst_cases) bound_ns = std::max(bound_ns, each.bound_ns);
  return bound_ns;
}

std::string broken_text(const std::string& what, std::int64_t ns, std::int64_t bound_ns) {
  return fmt::format("{} took {}, and the bound is {}: the model is broken, and this is no bound", what,
                     us_text(ns), us_text(bound_ns));
}

// A replicate's samples are what its entry says; empty where they are.
std::string other_samples_text(const Replicate& replicate, const CellWorstCase& recorded) {
  const std::int64_t max_ns = replicate.latency ? replicate.latency->max : 0;
  if (recorded.observed_max_ns != max_ns)
    return fmt::format("worst-case.json has {} as the largest sample of {}, and it is {}",
                       us_text(recorded.observed_max_ns), replicate.cell, us_text(max_ns));
  if (max_ns > recorded.bound_ns)
    return broken_text("a sample of " + replicate.cell, max_ns, recorded.bound_ns);
  return {};
}

// What was measured and cannot be where the bounds hold; empty where all of it can.
std::string contradiction(const GroupEvidence& group) {
  for (const Replicate& replicate : group.replicates) {
    const std::int64_t max_ns = replicate.latency ? replicate.latency->max : 0;
    const auto recorded = std::ranges::find(group.worst_cases, replicate.cell, &CellWorstCase::cell);
    if (recorded != group.worst_cases.end()) {
      if (const std::string other = other_samples_text(replicate, *recorded); !other.empty()) return other;
    }
    if (max_ns > largest_bound(group))
      return fmt::format(
          "a sample of {} took {}, longer than the bound of what was recorded, {} -> `loopgate "
          "bound` with --cell {}",
          replicate.cell, us_text(max_ns), us_text(largest_bound(group)), replicate.cell);
  }
  return {};
}

std::string unanswered_text(const GroupEvidence& group) {
  std::uint64_t unanswered = group.summary.counts.unanswered;
  for (const HuntedCell& each : group.hunted) unanswered += each.unanswered;
  return unanswered == 0
             ? std::string()
             : fmt::format("{} had no answer, and what has no end has no bound", stimuli_text(unanswered));
}

// The run of the worst hunted stimulus has windows of its own, which the bound must have seen.
std::string hunted_since(const GroupEvidence& group) {
  for (const HuntedCell& hunted : group.hunted) {
    if (hunted.worst.empty()) continue;
    const std::int64_t latency_ns = hunted.worst.front().latency_ns;
    const auto recorded = std::ranges::find(group.worst_cases, hunted.cell, &CellWorstCase::cell);
    const bool is_in = recorded != group.worst_cases.end() && recorded->with_hunted_ns == latency_ns;
    if (!is_in)
      return fmt::format(
          "a hunted stimulus of {} took {}, and its run is not among what was recorded -> `loopgate bound` "
          "with --cell {}",
          hunted.cell, us_text(latency_ns), hunted.cell);
  }
  return {};
}

std::optional<Objection> objection_to(const GroupEvidence& group) {
  if (!group.worst_case_problem.empty()) return Objection{VerdictKind::invalid, group.worst_case_problem};
  if (group.worst_cases.empty())
    return Objection{
        VerdictKind::inconclusive,
        fmt::format("nothing of {} under {} was recorded -> `loopgate bound` on this run's folder, "
                    "with --kernel {} --load {}",
                    group.kernel, group.load, group.kernel, group.load)};
  if (std::string why = contradiction(group); !why.empty()) return Objection{VerdictKind::invalid, why};
  if (!group.hunt_problem.empty()) return Objection{VerdictKind::invalid, group.hunt_problem};
  for (std::string why : {unanswered_text(group), hunted_since(group)})
    if (!why.empty()) return Objection{VerdictKind::inconclusive, std::move(why)};
  return std::nullopt;
}

std::string window_text(const LongestWindow& window) {
  return window.ns == 0 ? "there was none" : fmt::format("in {} of {}", window.function, window.task);
}

// What makes the figure.
std::string source_text(const WorstCaseQuantity& quantity, const CellWorstCase& of) {
  const std::string_view key = quantity.key;
  if (key == "longest_irq_off") return window_text(of.longest_irq_off);
  if (key == "longest_preempt_off") return window_text(of.longest_preempt_off);
  const auto longest = std::ranges::max_element(of.terms, {}, &BoundTerm::ns);
  if (longest == of.terms.end()) return "of " + of.cell;
  return fmt::format("the largest term {}, {}, {}; the largest of {} was {}", longest->name,
                     us_text(longest->ns), longest->from, counted_text(of.samples, {"sample", "samples"}),
                     us_text(of.observed_max_ns));
}

}  // namespace

WorstCaseFigure composed_figure(const GroupEvidence& group, const WorstCaseQuantity& quantity) {
  auto objection = objection_to(group);
  if (objection && (objection->verdict == VerdictKind::invalid || group.worst_cases.empty()))
    return {{}, {}, objection->verdict, std::move(objection->why)};
  const auto most = std::ranges::max_element(group.worst_cases, {}, quantity.read);
  const std::int64_t ns = quantity.read(*most);
  if (!objection) return {ns, source_text(quantity, *most)};
  // Another run's windows make a bound no smaller.
  return {{}, source_text(quantity, *most), objection->verdict, std::move(objection->why), ns};
}

}  // namespace loopgate
