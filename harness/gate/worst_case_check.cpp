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
  const bool breaks = figure.at_least && *figure.at_least > limit.at_most;
  if (!figure.ns && !breaks) {
    conclude(&check, figure.verdict, figure.why);
    return check;
  }
  const std::int64_t ns = figure.ns ? *figure.ns : *figure.at_least;
  check.seen = static_cast<double>(ns);
  conclude(&check, ns <= limit.at_most ? VerdictKind::pass : VerdictKind::fail,
           fmt::format("{} {}{}, {} allowed: {}", quantity.label, figure.ns ? "" : "at least ", us_text(ns),
                       us_text(limit.at_most), figure.of));
  return check;
}

void judge_worst_case_ratio(const GroupEvidence& group, const GroupEvidence& reference, const RatioRule& rule,
                            Check* check) {
  const WorstCaseQuantity& quantity = *find_worst_case_quantity(rule.quantity);
  const WorstCaseFigure ours = figure_of(group, quantity);
  const WorstCaseFigure theirs = figure_of(reference, quantity);
  const std::string name = rule.against.empty() ? "the baseline" : rule.against;
  // What fails the other one is no fault of this one's.
  if (!theirs.ns)
    return conclude(check, theirs.verdict == VerdictKind::fail ? VerdictKind::inconclusive : theirs.verdict,
                    fmt::format("{}: {}", name, theirs.why));
  if (*theirs.ns == 0)
    return conclude(check, VerdictKind::invalid,
                    fmt::format("{} of {} is 0, so there is no ratio", quantity.label, name));
  const auto ratio_of = [&](std::int64_t ns) {
    return static_cast<double>(ns) / static_cast<double>(*theirs.ns);
  };
  const bool breaks = ours.at_least && ratio_of(*ours.at_least) > rule.max_ratio;
  if (!ours.ns && !breaks) return conclude(check, ours.verdict, ours.why);
  const std::int64_t ns = ours.ns ? *ours.ns : *ours.at_least;
  const bool kept = ratio_of(ns) <= rule.max_ratio;
  if (quantity.read == nullptr)
    if (std::string why = kept ? too_short_a_hunt(group, reference) : too_short_a_hunt(reference, group);
        !why.empty())
      return conclude(check, VerdictKind::inconclusive, std::move(why));
  check->seen = ratio_of(ns);
  conclude(check, kept ? VerdictKind::pass : VerdictKind::fail,
           fmt::format("{} {} is {:.4g} of {}'s {}, {:.4g} allowed", quantity.label, us_text(ns),
                       *check->seen, name, us_text(*theirs.ns), rule.max_ratio));
}

}  // namespace loopgate
