// libFuzzer: whatever the bytes, the policy is refused in one sentence or every rule of it is in range.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "gate/policy.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto policy = loopgate::parse_policy({reinterpret_cast<const char*>(data), size}, "fuzz.toml");
  if (!policy) {
    if (policy.error().kind != loopgate::ErrorKind::usage || policy.error().what.empty()) std::abort();
    return 0;
  }
  if (!(policy->confidence > 0.5 && policy->confidence < 1)) std::abort();
  if (policy->budgets.empty() && policy->programs.empty() && policy->compares.empty() &&
      policy->baselines.empty())
    std::abort();
  for (const loopgate::ProgramRule& rule : policy->programs)
    if (rule.program.empty() && !rule.must_pass && !rule.may_fail && !rule.figure &&
        rule.latencies.limits.empty() && !rule.latencies.exceed)
      std::abort();
  for (const loopgate::BudgetRule& rule : policy->budgets)
    for (const loopgate::Limit& limit : rule.limits)
      if (limit.at_most < 0) std::abort();
  return 0;
}
