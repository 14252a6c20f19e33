#include "gate/programs_left_out.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <string>

#include "base/nearest.h"

namespace loopgate {
namespace {

bool demands(const ProgramRule& rule) {
  return rule.must_pass || rule.figure || rule.latencies.exceed || !rule.latencies.limits.empty();
}

// In the policy's order.
std::vector<std::string> left_out(const GroupEvidence& group, const Policy& policy,
                                  const std::vector<std::string>& of_suite) {
  std::vector<std::string> names;
  const auto add = [&](const std::string& name) {
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  };
  for (const ProgramRule& rule : policy.programs) {
    const bool measured = std::ranges::any_of(
        group.programs, [&](const ProgramEvidence& program) { return rule.is_of(program.program); });
    if (!rule.pattern.matches(group.kernel, group.load)) continue;
    if (rule.program == "*") {
      for (const std::string& name : of_suite) add(name);
    } else if (!measured) {
      add(rule.program);
    }
  }
  return names;
}

bool is_demanded(const std::string& name, const GroupEvidence& group, const Policy& policy) {
  return std::ranges::any_of(policy.programs, [&](const ProgramRule& rule) {
    return rule.is_of(name) && rule.pattern.matches(group.kernel, group.load) && demands(rule);
  });
}

Check check_of(const std::vector<std::string>& names, const GroupEvidence& group, VerdictKind verdict) {
  const bool one = names.size() == 1;
  Check check;
  check.kernel = group.kernel;
  check.load = group.load;
  check.program = fmt::format("{}", fmt::join(names, ", "));
  check.rule = "program";
  check.left_out = names;
  check.quantity = "result";
  check.demand = check.program + ": must be run";
  check.verdict = verdict;
  check.why = fmt::format("this run left {} out, or the suite has no such program: run the suite with {}",
                          one ? "it" : "them", one ? "this program" : "these programs");
  std::vector<std::string> ran;
  for (const ProgramEvidence& each : group.programs) ran.push_back(each.program);
  for (const std::string& name : names)
    if (const auto meant = nearest(name, ran))
      check.why += fmt::format("; of \"{}\", did you mean \"{}\", which ran?", name, *meant);
  return check;
}

}  // namespace

std::vector<Check> left_out_checks(const GroupEvidence& group, const Policy& policy,
                                   const std::vector<std::string>& of_suite) {
  std::vector<std::string> names = left_out(group, policy, of_suite);
  const auto told = std::ranges::stable_partition(
      names, [&](const std::string& name) { return is_demanded(name, group, policy); });
  const std::vector<std::string> others(told.begin(), told.end());
  names.erase(told.begin(), told.end());
  std::vector<Check> checks;
  if (!names.empty()) checks.push_back(check_of(names, group, VerdictKind::inconclusive));
  if (!others.empty()) checks.push_back(check_of(others, group, VerdictKind::not_gated));
  return checks;
}

}  // namespace loopgate
