#include "gate/evaluate.h"

#include <fmt/format.h>

#include <algorithm>

#include "gate/baseline.h"
#include "gate/checks.h"
#include "gate/confidence.h"
#include "gate/drift_check.h"
#include "gate/guard_band.h"
#include "gate/policy_fit.h"
#include "gate/program_checks.h"
#include "gate/questions.h"
#include "gate/remarks.h"
#include "gate/vain_limits.h"
#include "gate/worst_case_check.h"
#include "stats/evidence_digest.h"
#include "stats/quantities.h"
#include "stats/unmeasured.h"

namespace loopgate {
namespace {

VerdictKind worst_of(VerdictKind a, VerdictKind b) { return std::max(a, b); }

Check cell_check(const GroupEvidence& group, VerdictKind verdict, std::string why) {
  Check check;
  check.kernel = group.kernel;
  check.load = group.load;
  check.rule = "cell";
  check.quantity = "outcome";
  check.verdict = verdict;
  check.why = std::move(why);
  return check;
}

// How cells ended that are not measured; empty when the group can be judged by its figures.
std::vector<Check> cell_checks(const GroupEvidence& group, const Comparison& comparison) {
  std::vector<Check> checks;
  for (const UnmeasuredText& each : unmeasured_texts(group))
    checks.push_back(
        cell_check(group, each.kernel_failed ? VerdictKind::fail : VerdictKind::invalid,
                   printable(each.next_step.empty() ? each.text : each.text + " -> " + each.next_step)));
  if (group.cells.empty())
    checks.push_back(cell_check(group, VerdictKind::invalid, "the run has no cell of it"));
  if (comparison.has_programs_alone()) return checks;
  const bool read = group.pooled != nullptr &&
                    std::ranges::none_of(group.replicates, [](const Replicate& each) { return !each.tail; });
  if (checks.empty() && !read)
    checks.push_back(cell_check(group, VerdictKind::invalid, "its samples were not read"));
  if (!checks.empty()) return checks;
  for (const Replicate& each : group.replicates) {
    if (const std::string why = nothing_to_judge(each.counts); !why.empty())
      checks.push_back(cell_check(group, VerdictKind::invalid, fmt::format("{}: {}", each.cell, why)));
  }
  if (checks.empty() && group.pooled->count() == 0)
    checks.push_back(cell_check(group, VerdictKind::invalid,
                                group.pooled->total().most == 0 ? "no stimulus of it was counted"
                                                                : "none of its stimuli was answered"));
  return checks;
}

// What is asked of all groups.
struct Asked {
  const Policy& policy;
  const Comparison& comparison;
  const std::optional<Baseline>& baseline;
  Confidence confidence;
};

// What an instrument gives as one whole has no replicates to count.
Criteria criteria_of(const Asked& asked, const GroupEvidence& group) {
  const Policy& policy = asked.policy;
  const CountUnit count =
      group.replicates.empty() ? CountUnit::samples : policy.count.value_or(default_count(policy.time_base));
  return {count,
          asked.confidence,
          policy.min_replicate_fraction,
          policy.time_base,
          counted_noun(asked.comparison),
          policy.min_stimuli,
          policy.guard_band_ns,
          asked.comparison.bench_trusted};
}

// Of programs, whose cells are replicates.
Criteria criteria_of(const Asked& asked) {
  const Policy& policy = asked.policy;
  Criteria criteria{policy.count.value_or(default_count(policy.time_base)), asked.confidence,
                    policy.min_replicate_fraction};
  criteria.min_stimuli = policy.min_stimuli;
  return criteria;
}

void add_budgets(const GroupEvidence& group, const Asked& asked, std::vector<Check>* checks) {
  const Criteria criteria = criteria_of(asked, group);
  for (const BudgetRule& rule : asked.policy.budgets) {
    if (!rule.pattern.matches(group.kernel, group.load)) continue;
    for (const Limit& limit : rule.limits) checks->push_back(check_limit(group, limit, criteria));
    for (const Limit& limit : rule.worst_case) checks->push_back(check_worst_case(group, limit));
    if (rule.exceed) checks->push_back(check_exceed(group, *rule.exceed, criteria));
    if (rule.max_wrong_fraction)
      checks->push_back(check_wrong_fraction(group, *rule.max_wrong_fraction, criteria));
  }
}

void add_compares(const GroupEvidence& group, const Asked& asked, std::vector<Check>* checks) {
  for (const RatioRule& rule : asked.policy.compares) {
    if (!rule.pattern.matches(group.kernel, group.load)) continue;
    checks->push_back(check_ratio(group, find_group(asked.comparison, rule.against, group.load), rule,
                                  criteria_of(asked, group)));
  }
}

void add_baselines(const GroupEvidence& group, const Asked& asked, std::vector<Check>* checks) {
  const std::optional<Baseline>& baseline = asked.baseline;
  for (const RatioRule& rule : asked.policy.baselines) {
    if (!rule.pattern.matches(group.kernel, group.load)) continue;
    const GroupEvidence* reference =
        baseline ? find_group(baseline->comparison, group.kernel, group.load) : nullptr;
    Check check = check_ratio(group, reference, rule, criteria_of(asked, group));
    if (!baseline) {
      check.verdict = VerdictKind::not_gated;
      check.why = "no baseline was given";
    }
    checks->push_back(std::move(check));
  }
}

bool gates(const Check& check) { return check.verdict != VerdictKind::not_gated; }

bool any_gates(const std::vector<Check>& checks) { return std::ranges::any_of(checks, gates); }

// A group that any rule speaks of, of the stimuli or of a program beside them, may leave none unanswered,
// unless a budget says how many.
void add_default_unanswered(const GroupEvidence& group, const Asked& asked,
                            const std::vector<Check>& of_programs, std::vector<Check>* checks) {
  const bool said =
      std::ranges::any_of(*checks, [](const Check& check) { return check.quantity == "unanswered"; });
  if (said || (!any_gates(*checks) && !any_gates(of_programs))) return;
  checks->push_back(check_limit(group, {"unanswered", 0}, criteria_of(asked, group)));
}

// Of a measurement that stopped at its own limit: the limits of the largest latency and of the spread that
// what was seen breaks. Shares are none of them: that it stopped there chose which latencies there are.
std::vector<Check> broken_by_what_was_seen(const GroupEvidence& group, const Asked& asked) {
  std::vector<Check> broken;
  if (group.pooled == nullptr || group.pooled->count() == 0 || group.invalid.empty() ||
      !std::ranges::all_of(group.invalid, &UnmeasuredCell::seen_holds))
    return broken;
  const Criteria criteria = criteria_of(asked, group);
  for (const BudgetRule& rule : asked.policy.budgets) {
    if (!rule.pattern.matches(group.kernel, group.load)) continue;
    for (const Limit& limit : rule.limits) {
      const QuantityKind kind = find_quantity(limit.quantity)->kind;
      if (kind != QuantityKind::extreme && kind != QuantityKind::spread) continue;
      Check check = check_limit(group, limit, criteria);
      if (check.verdict != VerdictKind::fail) continue;
      const UnmeasuredCell& stopped = group.invalid.front();
      check.why += printable(fmt::format("; nothing else is judged: {}: {}", stopped.cell, stopped.reason));
      broken.push_back(std::move(check));
    }
  }
  return broken;
}

std::vector<Check> group_checks(const GroupEvidence& group, const Asked& asked) {
  std::vector<Check> checks = cell_checks(group, asked.comparison);
  if (!checks.empty()) {
    std::vector<Check> broken = broken_by_what_was_seen(group, asked);
    return broken.empty() ? checks : broken;
  }
  std::vector<Check> of_programs =
      program_checks(group, asked.policy, criteria_of(asked), asked.comparison.programs_left_out);
  if (asked.comparison.has_programs_alone()) return of_programs;
  add_budgets(group, asked, &checks);
  add_compares(group, asked, &checks);
  add_baselines(group, asked, &checks);
  add_default_unanswered(group, asked, of_programs, &checks);
  hold_drifting(group, asked.comparison, asked.baseline, &checks);
  std::move(of_programs.begin(), of_programs.end(), std::back_inserter(checks));
  return checks;
}

GroupVerdict judge_group(const GroupEvidence& group, const std::vector<Check>& checks) {
  GroupVerdict verdict{group.kernel, group.load, VerdictKind::not_gated, false};
  for (const Check& check : checks) verdict.verdict = worst_of(verdict.verdict, check.verdict);
  verdict.kernel_failed = std::any_of(group.invalid.begin(), group.invalid.end(),
                                      [](const UnmeasuredCell& cell) { return cell.kernel_failed(); });
  if (verdict.kernel_failed) verdict.verdict = VerdictKind::fail;
  return verdict;
}

VerdictKind judge_whole(const std::vector<GroupVerdict>& groups) {
  std::vector<PartVerdict> parts;
  for (const GroupVerdict& group : groups) parts.push_back({group.verdict, group.kernel_failed});
  const VerdictKind whole = whole_of(parts);
  return whole == VerdictKind::not_gated ? VerdictKind::inconclusive : whole;
}

// Who reads the PASS of a policy that asks for few stimuli learns what they show.
std::string few_remark(const GroupEvidence& group, const GroupVerdict& verdict, const Policy& policy) {
  if (group.pooled == nullptr || verdict.verdict != VerdictKind::pass) return {};
  const std::string few = too_few_to_show(group.pooled->total().least, policy.min_stimuli, policy.confidence);
  return few.empty() ? few : fmt::format("kernel {} under load {}: {}", group.kernel, group.load, few);
}

}  // namespace

Result<Verdict> evaluate(const Comparison& evidence, const Policy& policy,
                         const std::optional<Baseline>& baseline, Coverage coverage) {
  TRY_STATUS(check_applies(policy, evidence, baseline, coverage));
  Verdict verdict;
  verdict.suite = evidence.suite.name;
  verdict.board = evidence.board.name;
  verdict.time_base = evidence.time_base;
  verdict.evidence_sha256 = evidence_sha256(evidence);
  if (asks_for_worst_case(policy)) verdict.worst_case_sha256 = evidence.worst_case_sha256;
  verdict.self_measured_by = evidence.self_measured_by;
  verdict.policy_file = policy.file;
  verdict.policy_sha256 = policy.sha256;
  verdict.policy_title = policy.title;
  if (baseline) verdict.baseline = baseline->name;
  verdict.questions = uncertain_questions(policy, evidence, baseline.has_value());
  verdict.confidence = policy.confidence;
  verdict.guard_band = guard_band_text(policy.guard_band_ns);
  const Asked asked{policy, evidence, baseline, Confidence::of_one_in(verdict.questions, policy.confidence)};
  for (const GroupEvidence& group : evidence.groups) {
    std::vector<Check> checks = group_checks(group, asked);
    verdict.groups.push_back(judge_group(group, checks));
    std::move(checks.begin(), checks.end(), std::back_inserter(verdict.checks));
  }
  verdict.verdict = judge_whole(verdict.groups);
  verdict.remarks = remarks_on(verdict, evidence, baseline);
  for (std::size_t i = 0; i < evidence.groups.size(); ++i)
    if (std::string text = few_remark(evidence.groups[i], verdict.groups[i], policy); !text.empty())
      verdict.remarks.push_back(std::move(text));
  return verdict;
}

}  // namespace loopgate
