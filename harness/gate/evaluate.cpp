#include "gate/evaluate.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/nearest.h"
#include "gate/baseline.h"
#include "gate/checks.h"
#include "gate/confidence.h"
#include "gate/drift_check.h"
#include "gate/program_checks.h"
#include "gate/vain_limits.h"
#include "stats/unmeasured.h"

namespace loopgate {
namespace {

VerdictKind worst_of(VerdictKind a, VerdictKind b) { return std::max(a, b); }

Status check_pattern(const Pattern& pattern, const char* rule, const Policy& policy,
                     const Comparison& comparison) {
  const bool matches =
      std::any_of(comparison.groups.begin(), comparison.groups.end(),
                  [&](const GroupEvidence& group) { return pattern.matches(group.kernel, group.load); });
  if (matches) return {};
  std::vector<std::string> kernels;
  std::vector<std::string> loads;
  for (const GroupEvidence& group : comparison.groups) {
    kernels.push_back(group.kernel);
    loads.push_back(group.load);
  }
  const auto kernel = nearest(pattern.kernel, kernels);
  const auto load = nearest(pattern.load, loads);
  const bool mistyped = (kernel && kernel != pattern.kernel) || (load && load != pattern.load);
  return fail(ErrorKind::usage,
              fmt::format("{}: a [[{}]] is of kernel {} under load {}, which this run has not measured",
                          policy.file, rule, pattern.kernel, pattern.load),
              mistyped ? fmt::format("did you mean kernel \"{}\" under load \"{}\"?",
                                     kernel.value_or(pattern.kernel), load.value_or(pattern.load))
                       : "run that kernel and load too, or use a policy for this run");
}

Status check_any_budget(const Policy& policy, const Comparison& comparison) {
  for (const GroupEvidence& group : comparison.groups)
    for (const BudgetRule& rule : policy.budgets)
      if (rule.pattern.matches(group.kernel, group.load)) return {};
  const GroupEvidence& first = comparison.groups.front();
  return fail(ErrorKind::usage, fmt::format("{}: has no budget for kernel {} under load {}", policy.file,
                                            first.kernel, first.load));
}

// Ratios are of figures, and bounds have none; replicates can be counted where there are some.
Status check_evidence(const Policy& policy, const Comparison& comparison) {
  for (const GroupEvidence& group : comparison.groups) {
    if (group.pooled == nullptr) continue;
    if (!group.pooled->exact() && !(policy.compares.empty() && policy.baselines.empty()))
      return fail(ErrorKind::usage,
                  policy.file +
                      ": compares kernels or baselines, and this measurement's figures are bounds, "
                      "which are not compared",
                  "keep its budgets in a policy of their own");
    const bool by_the_hour = std::ranges::any_of(policy.budgets, [&](const BudgetRule& rule) {
      return rule.pattern.matches(group.kernel, group.load) && rule.exceed && rule.exceed->max_per_hour;
    });
    if (!group.pooled->exact() && by_the_hour)
      return fail(ErrorKind::usage,
                  policy.file +
                      ": limits what is exceeded by the hour, and this measurement has no single "
                      "stimuli with their times",
                  "limit a share of all with max_fraction instead");
    const bool whole = group.replicates.empty() && group.invalid.empty();
    if (policy.count == CountUnit::replicates && whole && group.pooled->total().most > 0)
      return fail(ErrorKind::usage, policy.file + ": counts replicates, and this measurement has none",
                  "set count = \"samples\"");
    if (policy.count == CountUnit::samples && comparison.time_base == TimeBase::wall_clock &&
        !group.replicates.empty())
      return fail(ErrorKind::usage,
                  policy.file +
                      ": counts samples, and this run is of a board, where the samples of one boot "
                      "share what it drew",
                  "set count = \"replicates\": on a board a replicate is a boot");
  }
  return {};
}

// The most stimuli that a kernel x load of the rule was to be measured with.
std::uint64_t planned_for(const BudgetRule& rule, const Comparison& comparison) {
  std::uint64_t most = 0;
  for (const GroupEvidence& group : comparison.groups)
    if (rule.pattern.matches(group.kernel, group.load))
      most = std::max<std::uint64_t>(most, comparison.samples * group.cells.size());
  return most;
}

Status check_limits(const Policy& policy, const Comparison& comparison) {
  for (const BudgetRule& rule : policy.budgets) {
    std::string vain = limit_beyond_timeout(rule, comparison.response_timeout_ns);
    if (vain.empty()) vain = rate_beyond_schedule(rule, comparison.interval_ns);
    if (vain.empty()) vain = count_beyond_planned(rule, planned_for(rule, comparison));
    if (!vain.empty())
      return fail(ErrorKind::usage,
                  fmt::format("{}: the budget of kernel {} under load {}: {}", policy.file,
                              rule.pattern.kernel, rule.pattern.load, vain),
                  "lower it, or leave it out");
  }
  return {};
}

Status check_rules(const Policy& policy, const Comparison& comparison) {
  for (const BudgetRule& rule : policy.budgets)
    if (auto fits = check_pattern(rule.pattern, "budget", policy, comparison); !fits) return fits;
  for (const RatioRule& rule : policy.compares) {
    if (auto fits = check_pattern(rule.pattern, "compare", policy, comparison); !fits) return fits;
    if (auto fits = check_pattern({rule.against, rule.pattern.load}, "compare", policy, comparison); !fits)
      return fits;
  }
  for (const RatioRule& rule : policy.baselines)
    if (auto fits = check_pattern(rule.pattern, "baseline", policy, comparison); !fits) return fits;
  return {};
}

Status check_baseline_given(const Policy& policy, const std::optional<Baseline>& baseline) {
  if (baseline && policy.baselines.empty())
    return fail(ErrorKind::usage,
                fmt::format("{}: has no [[baseline]] rule, so the baseline {} would judge nothing",
                            policy.file, baseline->name),
                "add a [[baseline]] rule, or leave the baseline out");
  if (baseline || policy.baselines.empty()) return {};
  if (policy.baseline_required)
    return fail(ErrorKind::usage,
                fmt::format("{}: has [[baseline]] rules, and no baseline is given", policy.file),
                "give one with --baseline, or set baseline_required = false");
  if (policy.budgets.empty() && policy.compares.empty())
    return fail(
        ErrorKind::usage,
        fmt::format("{}: has [[baseline]] rules alone, and no baseline is given: nothing would be judged",
                    policy.file),
        "give one with --baseline");
  return {};
}

Status check_applies(const Policy& policy, const Comparison& comparison,
                     const std::optional<Baseline>& baseline, Coverage coverage) {
  if (policy.suite != comparison.suite.name)
    return fail(ErrorKind::usage, fmt::format("{}: is a policy for suite {}, and this run is of suite {}",
                                              policy.file, policy.suite, comparison.suite.name));
  if (policy.time_base != comparison.time_base)
    return fail(ErrorKind::usage,
                fmt::format("{}: is a policy for {} time, and this run is of {} time", policy.file,
                            name_of(policy.time_base), name_of(comparison.time_base)));
  TRY_STATUS(check_program_rules(policy, comparison));
  TRY_STATUS(check_evidence(policy, comparison));
  TRY_STATUS(check_limits(policy, comparison));
  if (comparison.has_programs_alone()) return {};
  TRY_STATUS(coverage == Coverage::any_budget ? check_any_budget(policy, comparison)
                                              : check_rules(policy, comparison));
  TRY_STATUS(check_baseline_given(policy, baseline));
  if (!baseline) return {};
  return check_baseline(comparison, baseline->comparison, baseline->name, policy);
}

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
    checks.push_back(cell_check(group, each.kernel_failed ? VerdictKind::fail : VerdictKind::invalid,
                                printable(each.text)));
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

// How many questions of a budget a sample answers with a chance of being wrong; a maximum or a count is a
// fact.
std::size_t uncertain_questions(const BudgetRule& rule) {
  const auto quantiles = std::ranges::count_if(rule.limits, [](const Limit& limit) {
    return find_quantity(limit.quantity)->kind == QuantityKind::quantile;
  });
  return static_cast<std::size_t>(quantiles) + (rule.exceed ? 1 : 0) + (rule.max_wrong_fraction ? 1 : 0);
}

// All questions of the verdict by which chance alone could make it FAIL.
std::size_t uncertain_questions(const Policy& policy, const Comparison& comparison, bool with_baseline) {
  std::size_t questions = uncertain_program_questions(policy, comparison);
  for (const GroupEvidence& group : comparison.groups) {
    const auto matches = [&](const auto& rule) { return rule.pattern.matches(group.kernel, group.load); };
    for (const BudgetRule& rule : policy.budgets)
      if (matches(rule)) questions += uncertain_questions(rule);
    questions += static_cast<std::size_t>(std::ranges::count_if(policy.compares, matches));
    if (with_baseline)
      questions += static_cast<std::size_t>(std::ranges::count_if(policy.baselines, matches));
  }
  return questions;
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
  return {count, asked.confidence, policy.min_replicate_fraction, policy.time_base};
}

// Of programs, whose cells are replicates.
Criteria criteria_of(const Asked& asked) {
  const Policy& policy = asked.policy;
  return {policy.count.value_or(default_count(policy.time_base)), asked.confidence,
          policy.min_replicate_fraction};
}

void add_budgets(const GroupEvidence& group, const Asked& asked, std::vector<Check>* checks) {
  const Criteria criteria = criteria_of(asked, group);
  for (const BudgetRule& rule : asked.policy.budgets) {
    if (!rule.pattern.matches(group.kernel, group.load)) continue;
    for (const Limit& limit : rule.limits) checks->push_back(check_limit(group, limit, criteria));
    if (rule.exceed)
      checks->push_back(rule.exceed->max_per_hour ? check_rate(group, *rule.exceed, criteria)
                                                  : check_exceed(group, *rule.exceed, criteria));
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

// A group that any rule speaks of may leave no stimulus unanswered, unless a budget says how many.
void add_default_unanswered(const GroupEvidence& group, const Asked& asked, std::vector<Check>* checks) {
  const bool said = std::any_of(checks->begin(), checks->end(),
                                [](const Check& check) { return check.quantity == "unanswered"; });
  if (said || std::none_of(checks->begin(), checks->end(), gates)) return;
  checks->push_back(check_limit(group, {"unanswered", 0}, criteria_of(asked, group)));
}

std::vector<Check> group_checks(const GroupEvidence& group, const Asked& asked) {
  std::vector<Check> checks = cell_checks(group, asked.comparison);
  if (!checks.empty()) return checks;
  std::vector<Check> of_programs = program_checks(group, asked.policy, criteria_of(asked));
  if (asked.comparison.has_programs_alone()) return of_programs;
  add_budgets(group, asked, &checks);
  add_compares(group, asked, &checks);
  add_baselines(group, asked, &checks);
  add_default_unanswered(group, asked, &checks);
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
  VerdictKind whole = VerdictKind::not_gated;
  for (const GroupVerdict& group : groups) {
    if (group.kernel_failed) return VerdictKind::fail;
    whole = worst_of(whole, group.verdict);
  }
  return whole == VerdictKind::not_gated ? VerdictKind::inconclusive : whole;
}

}  // namespace

Result<Verdict> evaluate(const Comparison& evidence, const Policy& policy,
                         const std::optional<Baseline>& baseline, Coverage coverage) {
  TRY_STATUS(check_applies(policy, evidence, baseline, coverage));
  Verdict verdict;
  verdict.suite = evidence.suite.name;
  verdict.board = evidence.board.name;
  verdict.time_base = evidence.time_base;
  verdict.self_measured_by = evidence.self_measured_by;
  verdict.policy_file = policy.file;
  verdict.policy_sha256 = policy.sha256;
  verdict.policy_title = policy.title;
  if (baseline) verdict.baseline = baseline->name;
  verdict.questions = uncertain_questions(policy, evidence, baseline.has_value());
  verdict.confidence = policy.confidence;
  const Asked asked{policy, evidence, baseline, Confidence::of_one_in(verdict.questions, policy.confidence)};
  for (const GroupEvidence& group : evidence.groups) {
    std::vector<Check> checks = group_checks(group, asked);
    verdict.groups.push_back(judge_group(group, checks));
    std::move(checks.begin(), checks.end(), std::back_inserter(verdict.checks));
  }
  verdict.verdict = judge_whole(verdict.groups);
  return verdict;
}

}  // namespace loopgate
