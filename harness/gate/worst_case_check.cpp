#include "gate/worst_case_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string>

#include "base/text.h"
#include "base/units.h"
#include "gate/check_parts.h"

namespace loopgate {
namespace {

// Why there is no figure, and what that makes of the check.
struct NoFigure {
  VerdictKind verdict = VerdictKind::inconclusive;
  std::string why;
};

struct Figure {
  std::int64_t ns = 0;
  const CellWorstCase* of = nullptr;  // which recorded cell has it; null where there is none
  NoFigure none = {};
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

std::string unanswered_text(const GroupEvidence& group) {
  const std::uint64_t unanswered = group.summary.counts.unanswered;
  return unanswered == 0
             ? std::string()
             : fmt::format("{} had no answer, and what has no end has no bound", stimuli_text(unanswered));
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

// Later hunts may have found more than the bound knows of.
std::string hunted_beyond(const GroupEvidence& group) {
  for (const CellWorstCase& each : group.worst_cases)
    if (each.hunted_max_ns && *each.hunted_max_ns > each.bound_ns)
      return fmt::format(
          "a hunted stimulus of {} took {}, longer than the bound of what was recorded, {} -> "
          "`loopgate bound` again, with --cell {}: it records that stimulus's run, too",
          each.cell, us_text(*each.hunted_max_ns), us_text(each.bound_ns), each.cell);
  return {};
}

bool is_hunted(const WorstCaseQuantity& quantity) { return std::string_view(quantity.key) == "hunted_max"; }

// Why no figure of this quantity can be believed; empty where it can.
std::string problem_of(const GroupEvidence& group, const WorstCaseQuantity& quantity) {
  if (!group.worst_case_problem.empty()) return group.worst_case_problem;
  if (std::string why = unanswered_text(group); !why.empty()) return why;
  if (std::string why = contradiction(group); !why.empty()) return why;
  return is_hunted(quantity) ? std::string() : hunted_beyond(group);
}

// Chance may have found more than the hunt.
std::int64_t largest_sample(const GroupEvidence& group) {
  std::int64_t max_ns = 0;
  for (const Replicate& each : group.replicates)
    if (each.latency) max_ns = std::max(max_ns, each.latency->max);
  return max_ns;
}

std::string no_figure_text(const WorstCaseQuantity& quantity) {
  return fmt::format("there is no {} of it{}", quantity.label,
                     is_hunted(quantity) ? " -> `loopgate hunt` on this run's folder" : "");
}

Figure figure_of(const GroupEvidence& group, const WorstCaseQuantity& quantity) {
  if (group.worst_case_problem.empty() && group.worst_cases.empty())
    return {0,
            nullptr,
            {VerdictKind::inconclusive,
             fmt::format("nothing of {} under {} was recorded -> `loopgate bound` on this run's folder, with "
                         "--kernel {} --load {}",
                         group.kernel, group.load, group.kernel, group.load)}};
  if (const std::string why = problem_of(group, quantity); !why.empty())
    return {0, nullptr, {VerdictKind::invalid, why}};
  Figure most{0, nullptr, {VerdictKind::inconclusive, no_figure_text(quantity)}};
  for (const CellWorstCase& each : group.worst_cases) {
    const auto ns = quantity.read(each);
    if (ns && (most.of == nullptr || *ns > most.ns)) most = {*ns, &each, {}};
  }
  if (most.of != nullptr && is_hunted(quantity)) most.ns = std::max(most.ns, largest_sample(group));
  return most;
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
  if (key != "bound" || longest == of.terms.end()) return "of " + of.cell;
  return fmt::format("the largest term {}, {}, {}; the largest of {} was {}", longest->name,
                     us_text(longest->ns), longest->from, counted_text(of.samples, {"sample", "samples"}),
                     us_text(of.observed_max_ns));
}

}  // namespace

Check check_worst_case(const GroupEvidence& group, const Limit& limit) {
  const WorstCaseQuantity& quantity = *find_worst_case_quantity(limit.quantity);  // a policy names no other
  Check check = new_check(group, "budget", limit.quantity, "ns", static_cast<double>(limit.at_most));
  const Figure figure = figure_of(group, quantity);
  if (figure.of == nullptr) {
    conclude(&check, figure.none.verdict, figure.none.why);
    return check;
  }
  check.seen = static_cast<double>(figure.ns);
  conclude(&check, figure.ns <= limit.at_most ? VerdictKind::pass : VerdictKind::fail,
           fmt::format("{} {}, {} allowed: {}", quantity.label, us_text(figure.ns), us_text(limit.at_most),
                       source_text(quantity, *figure.of)));
  return check;
}

void judge_worst_case_ratio(const GroupEvidence& group, const GroupEvidence& reference, const RatioRule& rule,
                            Check* check) {
  const WorstCaseQuantity& quantity = *find_worst_case_quantity(rule.quantity);
  const Figure ours = figure_of(group, quantity);
  const Figure theirs = figure_of(reference, quantity);
  const std::string name = rule.against.empty() ? "the baseline" : rule.against;
  if (ours.of == nullptr) return conclude(check, ours.none.verdict, ours.none.why);
  if (theirs.of == nullptr)
    return conclude(check, theirs.none.verdict, fmt::format("{}: {}", name, theirs.none.why));
  if (theirs.ns == 0)
    return conclude(check, VerdictKind::invalid,
                    fmt::format("{} of {} is 0, so there is no ratio", quantity.label, name));
  check->seen = static_cast<double>(ours.ns) / static_cast<double>(theirs.ns);
  conclude(check, *check->seen <= rule.max_ratio ? VerdictKind::pass : VerdictKind::fail,
           fmt::format("{} {} is {:.4g} of {}'s {}, {:.4g} allowed", quantity.label, us_text(ours.ns),
                       *check->seen, name, us_text(theirs.ns), rule.max_ratio));
}

}  // namespace loopgate
