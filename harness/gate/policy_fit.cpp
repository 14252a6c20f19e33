#include "gate/policy_fit.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/nearest.h"
#include "gate/baseline.h"
#include "gate/program_rules_fit.h"
#include "gate/vain_limits.h"
#include "stats/quantities.h"

namespace loopgate {
namespace {

Status check_pattern(const Pattern& pattern, const char* rule, const Policy& policy,
                     const Comparison& comparison) {
  const bool matches =
      std::any_of(comparison.groups.begin(), comparison.groups.end(),
                  [&](const GroupEvidence& group) { return pattern.matches(group.kernel, group.load); });
  return matches ? Status() : refuse_pattern(policy.file, rule, pattern, comparison);
}

std::string listed(std::vector<std::string> names) {
  std::ranges::sort(names);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return fmt::format("{}", fmt::join(names, ", "));
}

// What of the pattern the run has not at all; both where it has each and not the pair.
std::string missing_of(const Pattern& pattern, const std::vector<std::string>& kernels,
                       const std::vector<std::string>& loads) {
  const auto has = [](const std::string& name, const std::vector<std::string>& names) {
    return name == "*" || std::ranges::find(names, name) != names.end();
  };
  if (!has(pattern.kernel, kernels) && has(pattern.load, loads)) return "--kernel " + pattern.kernel;
  if (has(pattern.kernel, kernels) && !has(pattern.load, loads)) return "--load " + pattern.load;
  return fmt::format("--kernel {} --load {}", pattern.kernel, pattern.load);
}

Status check_any_budget(const Policy& policy, const Comparison& comparison) {
  for (const GroupEvidence& group : comparison.groups)
    for (const BudgetRule& rule : policy.budgets)
      if (rule.pattern.matches(group.kernel, group.load)) return {};
  const GroupEvidence& first = comparison.groups.front();
  return fail(
      ErrorKind::usage,
      fmt::format("{}: has no budget for kernel {} under load {}", policy.file, first.kernel, first.load),
      "give it a [[budget]] of that kernel and load (\"*\" is any), or use another policy");
}

// On a board the boot is the unit, of what an instrument measured and of what programs did.
Status check_count_of_board(const Policy& policy, const Comparison& comparison) {
  const bool has_boots = std::ranges::any_of(comparison.groups, [](const GroupEvidence& group) {
    return !group.replicates.empty() || !group.programs.empty();
  });
  if (policy.count != CountUnit::samples || comparison.time_base != TimeBase::wall_clock || !has_boots)
    return {};
  return fail(ErrorKind::usage,
              policy.file +
                  ": counts samples, and this run is of a board, where the samples of one boot "
                  "share what it drew",
              "set count = \"replicates\": on a board a replicate is a boot");
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
    std::string vain = limit_beyond_timeout(rule, comparison.response_timeout_ns, policy.guard_band_ns);
    if (vain.empty()) vain = rate_beyond_schedule(rule, comparison.interval_ns);
    if (vain.empty()) vain = count_of_most(rule, planned_for(rule, comparison));
    if (!vain.empty())
      return fail(ErrorKind::usage,
                  fmt::format("{}: the budget of kernel {} under load {}: {}", policy.file,
                              rule.pattern.kernel, rule.pattern.load, vain),
                  "lower it, or leave it out");
  }
  return {};
}

// The first count of the rule that this measurement cannot have, and why; empty where it has all.
std::string impossible_count(const BudgetRule& rule, const GroupEvidence& group, bool has_decisions) {
  const std::string no_decision = "this suite's responses carry no decision, which could be wrong";
  if (rule.max_wrong_fraction && !has_decisions)
    return fmt::format("max_wrong_fraction = {:g}: {}", *rule.max_wrong_fraction,
                       group.not_counted.empty() ? no_decision : group.not_counted);
  for (const Limit& limit : rule.limits) {
    const Quantity& quantity = *find_quantity(limit.quantity);
    if (quantity.kind != QuantityKind::count || quantity.count(group)) continue;
    const bool of_decisions = quantity.used(in_decision_tables);
    if (of_decisions && has_decisions) continue;  // its cells are not measured
    return fmt::format("{} = {}: {}", limit.quantity, limit.at_most,
                       group.not_counted.empty() ? no_decision : group.not_counted);
  }
  return {};
}

// No other limit than how many were unanswered, where a program measured itself and lost nothing.
bool limits_nothing_but_unanswered(const BudgetRule& rule, const GroupEvidence& group,
                                   const Comparison& comparison) {
  if (comparison.self_measured_by.empty() || group.pooled == nullptr || group.pooled->censored().most > 0)
    return false;
  return !rule.exceed && !rule.max_wrong_fraction &&
         std::ranges::all_of(rule.limits, [](const Limit& limit) { return limit.quantity == "unanswered"; });
}

// A rule that nothing measured here could keep or break.
Status check_counts(const Policy& policy, const Comparison& comparison) {
  const bool has_decisions =
      comparison.has_decisions || std::ranges::any_of(comparison.groups, [](const GroupEvidence& group) {
        return group.summary.decisions.has_value();
      });
  for (const BudgetRule& rule : policy.budgets)
    for (const GroupEvidence& group : comparison.groups) {
      if (!rule.pattern.matches(group.kernel, group.load)) continue;
      if (const std::string why = impossible_count(rule, group, has_decisions); !why.empty())
        return fail(ErrorKind::usage,
                    fmt::format("{}: the budget of kernel {} under load {}: {}", policy.file,
                                rule.pattern.kernel, rule.pattern.load, why),
                    "leave it out of this policy");
      if (limits_nothing_but_unanswered(rule, group, comparison))
        return fail(
            ErrorKind::usage,
            fmt::format("{}: the budget of kernel {} under load {}: unanswered = {} alone cannot fail: "
                        "{} sends nothing that could stay unanswered, and has lost nothing",
                        policy.file, rule.pattern.kernel, rule.pattern.load, rule.limits.front().at_most,
                        comparison.self_measured_by),
            "give it a limit of the latencies, such as max_us = 100");
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

}  // namespace

Status refuse_pattern(const std::string& policy_file, const char* rule, const Pattern& pattern,
                      const Comparison& comparison) {
  std::vector<std::string> kernels;
  std::vector<std::string> loads;
  for (const GroupEvidence& group : comparison.groups) {
    kernels.push_back(group.kernel);
    loads.push_back(group.load);
  }
  const auto kernel = nearest(pattern.kernel, kernels);
  const auto load = nearest(pattern.load, loads);
  const auto is_part = [](const std::string& name) {
    return name != "*" && name.find('*') != std::string::npos;
  };
  const bool starred = is_part(pattern.kernel) || is_part(pattern.load);
  const bool mistyped = (kernel && kernel != pattern.kernel) || (load && load != pattern.load);
  return fail(
      ErrorKind::usage,
      fmt::format("{}: a [[{}]] is of kernel {} under load {}, which this run has not measured: it has "
                  "the kernels {} under {}",
                  policy_file, rule, pattern.kernel, pattern.load, listed(kernels), listed(loads)),
      starred
          ? std::string("a \"*\" stands for all names, and for no part of one: write \"*\", or a rule for "
                        "each name")
      : mistyped ? fmt::format("did you mean kernel \"{}\" under load \"{}\"?",
                               kernel.value_or(pattern.kernel), load.value_or(pattern.load))
                 : fmt::format("measure it in the same run, too: {}; or use a policy for this run",
                               missing_of(pattern, kernels, loads)));
}

Status check_fits_plan(const Policy& policy, const Comparison& planned) {
  TRY_STATUS(check_program_rules(policy, planned));
  TRY_STATUS(check_limits(policy, planned));
  return planned.has_programs_alone() ? Status() : check_rules(policy, planned);
}

Status check_applies(const Policy& policy, const Comparison& comparison,
                     const std::optional<Baseline>& baseline, Coverage coverage) {
  if (policy.suite != comparison.suite.name)
    return fail(ErrorKind::usage,
                fmt::format("{}: is a policy for suite {}, and this run is of suite {}", policy.file,
                            policy.suite, comparison.suite.name),
                fmt::format("use a policy with suite = \"{}\", such as one beside that suite",
                            comparison.suite.name));
  if (policy.time_base != comparison.time_base)
    return fail(ErrorKind::usage,
                fmt::format("{}: is a policy for {} time, and this run is of {} time", policy.file,
                            name_of(policy.time_base), name_of(comparison.time_base)),
                fmt::format("use a policy with time_base = \"{}\": limits of one are none of the other",
                            name_of(comparison.time_base)));
  TRY_STATUS(check_program_rules(policy, comparison));
  TRY_STATUS(check_count_of_board(policy, comparison));
  TRY_STATUS(check_evidence(policy, comparison));
  TRY_STATUS(check_limits(policy, comparison));
  TRY_STATUS(check_counts(policy, comparison));
  if (!comparison.has_programs_alone()) {
    TRY_STATUS(coverage == Coverage::any_budget ? check_any_budget(policy, comparison)
                                                : check_rules(policy, comparison));
  }
  TRY_STATUS(check_baseline_given(policy, baseline));
  if (!baseline) return {};
  return check_baseline(comparison, baseline->comparison, baseline->name, policy);
}

}  // namespace loopgate
