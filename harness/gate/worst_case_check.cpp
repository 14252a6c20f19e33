#include "gate/worst_case_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "base/units.h"
#include "gate/check_parts.h"
#include "gate/worst_case_figure.h"

namespace loopgate {
namespace {

WorstCaseFigure figure_of(const GroupEvidence& group, const WorstCaseQuantity& quantity) {
  return quantity.read == nullptr ? hunted_figure(group) : composed_figure(group, quantity);
}

bool asks(const RatioRule& rule) { return find_worst_case_quantity(rule.quantity) != nullptr; }

}  // namespace

bool asks_for_worst_case(const Policy& policy) {
  return std::ranges::any_of(policy.budgets,
                             [](const BudgetRule& rule) { return !rule.worst_case.empty(); }) ||
         std::ranges::any_of(policy.compares, asks) || std::ranges::any_of(policy.baselines, asks);
}

Check check_worst_case(const GroupEvidence& group, const Limit& limit) {
  const WorstCaseQuantity& quantity = *find_worst_case_quantity(limit.quantity);  // a policy names no other
  Check check = new_check(group, "budget", limit.quantity, "ns", static_cast<double>(limit.at_most));
  const WorstCaseFigure figure = figure_of(group, quantity);
  if (!figure.ns) {
    conclude(&check, figure.verdict, figure.why);
    return check;
  }
  check.seen = static_cast<double>(*figure.ns);
  conclude(&check, *figure.ns <= limit.at_most ? VerdictKind::pass : VerdictKind::fail,
           fmt::format("{} {}, {} allowed: {}", quantity.label, us_text(*figure.ns), us_text(limit.at_most),
                       figure.of));
  return check;
}

void judge_worst_case_ratio(const GroupEvidence& group, const GroupEvidence& reference, const RatioRule& rule,
                            Check* check) {
  const WorstCaseQuantity& quantity = *find_worst_case_quantity(rule.quantity);
  const WorstCaseFigure ours = figure_of(group, quantity);
  const WorstCaseFigure theirs = figure_of(reference, quantity);
  const std::string name = rule.against.empty() ? "the baseline" : rule.against;
  if (!ours.ns) return conclude(check, ours.verdict, ours.why);
  // What fails the other one is no fault of this one's.
  if (!theirs.ns)
    return conclude(check, theirs.verdict == VerdictKind::fail ? VerdictKind::inconclusive : theirs.verdict,
                    fmt::format("{}: {}", name, theirs.why));
  if (*theirs.ns == 0)
    return conclude(check, VerdictKind::invalid,
                    fmt::format("{} of {} is 0, so there is no ratio", quantity.label, name));
  if (quantity.read == nullptr)
    if (std::string why = unlike_hunts(group, reference); !why.empty())
      return conclude(check, VerdictKind::inconclusive, std::move(why));
  check->seen = static_cast<double>(*ours.ns) / static_cast<double>(*theirs.ns);
  conclude(check, *check->seen <= rule.max_ratio ? VerdictKind::pass : VerdictKind::fail,
           fmt::format("{} {} is {:.4g} of {}'s {}, {:.4g} allowed", quantity.label, us_text(*ours.ns),
                       *check->seen, name, us_text(*theirs.ns), rule.max_ratio));
}

}  // namespace loopgate
