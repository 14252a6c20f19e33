#include "gate/program_rules_fit.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <ranges>

#include "base/nearest.h"
#include "gate/policy_fit.h"
#include "gate/vain_limits.h"

namespace loopgate {
namespace {

bool ran(const Comparison& comparison, const ProgramRule& rule) {
  return std::ranges::any_of(comparison.programs,
                             [&](const std::string& program) { return rule.is_of(program); });
}

// The figures that a program gave anywhere in the run, with their units.
std::map<std::string, std::string> figures_of(const Comparison& comparison, const std::string& program) {
  std::map<std::string, std::string> figures;
  for (const GroupEvidence& group : comparison.groups)
    for (const ProgramEvidence& each : group.programs)
      for (const ProgramReplicate& replicate : each.replicates)
        if (each.program == program)
          for (const ProgramFigure& figure : replicate.result.figures) figures[figure.name] = figure.unit;
  return figures;
}

// A limit that nothing which the program can show exceeds.
Status check_reachable(const ProgramRule& rule, const Policy& policy, const Comparison& comparison) {
  for (const auto& [program, timeout_s] : comparison.program_timeout_s) {
    if (!rule.is_of(program)) continue;
    std::string vain = latency_beyond_program(rule.latencies, timeout_s);
    const auto figures = figures_of(comparison, program);
    const auto figure = rule.figure ? figures.find(rule.figure->figure) : figures.end();
    if (vain.empty() && figure != figures.end())
      vain = figure_beyond_program(*rule.figure, figure->second, timeout_s);
    if (!vain.empty())
      return fail(ErrorKind::usage,
                  fmt::format("{}: the budget of program {}: {}", policy.file, program, vain),
                  "lower it, or leave it out");
  }
  return {};
}

// Of a program that the run left out, nothing of its figures is known.
Status check_rule(const ProgramRule& rule, const Policy& policy, const Comparison& comparison) {
  const bool any_ran =
      std::ranges::any_of(policy.programs, [&](const ProgramRule& each) { return ran(comparison, each); });
  const bool measured = std::ranges::any_of(comparison.groups, [&](const GroupEvidence& group) {
    return rule.pattern.matches(group.kernel, group.load);
  });
  if (!measured) return refuse_pattern(policy.file, "budget", rule.pattern, comparison);
  const auto meant = nearest(rule.program, comparison.programs);
  if (!any_ran)
    return fail(
        ErrorKind::usage,
        fmt::format(
            "{}: a [[budget]] is of program {}, and this run has run none that the policy names: it has "
            "run {}",
            policy.file, rule.program, fmt::join(comparison.programs, ", ")),
        meant ? fmt::format("did you mean \"{}\"?", *meant)
              : fmt::format("run it too with --program {}, or use a policy for this run", rule.program));
  for (const std::string& program : comparison.programs) {
    if (!rule.figure || !rule.is_of(program)) continue;
    const auto known = figures_of(comparison, program);
    if (!known.empty() && !known.contains(rule.figure->figure))
      return fail(
          ErrorKind::usage,
          fmt::format("{}: program {} has no figure \"{}\"", policy.file, program, rule.figure->figure),
          fmt::format("its figures: {}{}", fmt::join(std::views::keys(known), ", "),
                      rule.program == "*" ? "; name the programs that have that one" : ""));
  }
  return check_reachable(rule, policy, comparison);
}

// The figures of an import are the run's own: one program measured it, and no rule has to name it.
tl::unexpected<Error> refuse_in_import(const Policy& policy, const Comparison& comparison) {
  return fail(ErrorKind::usage,
              fmt::format("{}: a [[budget]] is of program {}, and this run was imported: all of its "
                          "latencies are those that {} measured, and rules without `program` judge them",
                          policy.file, policy.programs.front().program, comparison.self_measured_by),
              "leave `program` out of each [[budget]], and give it limits such as max_us = 100");
}

}  // namespace

Status check_program_rules(const Policy& policy, const Comparison& comparison) {
  if (comparison.programs.empty()) {
    if (policy.programs.empty()) return {};
    if (!comparison.self_measured_by.empty()) return refuse_in_import(policy, comparison);
    return fail(ErrorKind::usage,
                fmt::format("{}: a [[budget]] is of program {}, and an instrument alone measured this run",
                            policy.file, policy.programs.front().program),
                "use a policy for this run");
  }
  const bool of_an_instrument =
      !policy.budgets.empty() || !policy.compares.empty() || !policy.baselines.empty();
  if (comparison.has_programs_alone() && of_an_instrument)
    return fail(ErrorKind::usage,
                policy.file +
                    ": has a rule that names no program, and this run's programs measured by "
                    "themselves: what they say is held against no instrument's figure",
                "give each [[budget]] a program; [[compare]] and [[baseline]] are not for them");
  for (const ProgramRule& rule : policy.programs) TRY_STATUS(check_rule(rule, policy, comparison));
  return {};
}

}  // namespace loopgate
