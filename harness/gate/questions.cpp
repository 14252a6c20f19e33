#include "gate/questions.h"

#include <algorithm>

#include "record/worst_case.h"
#include "stats/quantities.h"

namespace loopgate {
namespace {

std::size_t questions_of(const BudgetRule& rule) {
  const auto quantiles = std::ranges::count_if(rule.limits, [](const Limit& limit) {
    return find_quantity(limit.quantity)->kind == QuantityKind::quantile;
  });
  return static_cast<std::size_t>(quantiles) + (rule.exceed ? 1 : 0) + (rule.max_wrong_fraction ? 1 : 0);
}

std::size_t programs_of(const ProgramRule& rule, const Comparison& comparison) {
  return static_cast<std::size_t>(std::ranges::count_if(
      comparison.programs, [&](const std::string& program) { return rule.is_of(program); }));
}

}  // namespace

std::size_t uncertain_questions(const Policy& policy, const Comparison& comparison, bool with_baseline) {
  std::size_t questions = 0;
  for (const GroupEvidence& group : comparison.groups) {
    const auto matches = [&](const auto& rule) { return rule.pattern.matches(group.kernel, group.load); };
    for (const BudgetRule& rule : policy.budgets)
      if (matches(rule)) questions += questions_of(rule);
    for (const ProgramRule& rule : policy.programs)
      if (matches(rule)) questions += programs_of(rule, comparison) * questions_of(rule.latencies);
    // A worst case is composed, not estimated.
    const auto is_question = [&](const RatioRule& rule) {
      return matches(rule) && find_worst_case_quantity(rule.quantity) == nullptr;
    };
    questions += static_cast<std::size_t>(std::ranges::count_if(policy.compares, is_question));
    if (with_baseline)
      questions += static_cast<std::size_t>(std::ranges::count_if(policy.baselines, is_question));
  }
  return questions;
}

}  // namespace loopgate
