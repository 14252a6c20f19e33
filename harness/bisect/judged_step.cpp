#include "bisect/judged_step.h"

#include <algorithm>

namespace loopgate {
namespace {

// The first check with the whole's verdict; of several that compare figures, that which is furthest off.
const Check* deciding_check(const Verdict& verdict) {
  const Check* deciding = nullptr;
  const auto share = [](const Check& check) {
    return check.seen && check.limit ? *check.seen / *check.limit : 0.0;
  };
  for (const Check& check : verdict.checks) {
    if (check.verdict != verdict.verdict) continue;
    const bool compares = check.rule == "baseline";
    if (deciding == nullptr ||
        (compares && (deciding->rule != "baseline" || share(check) > share(*deciding))))
      deciding = &check;
  }
  return deciding;
}

}  // namespace

JudgedStep judged_step(const Verdict& verdict, bool failing_is_bad) {
  JudgedStep step;
  step.kernel_failed = std::ranges::any_of(verdict.groups, &GroupVerdict::kernel_failed);
  step.invalid = verdict.verdict == VerdictKind::invalid;
  if (verdict.verdict == VerdictKind::pass) step.result = StepResult::good;
  if (verdict.verdict == VerdictKind::fail)
    step.result = step.kernel_failed && !failing_is_bad ? StepResult::cannot_test : StepResult::bad;
  if (step.invalid) step.result = StepResult::cannot_test;
  if (const Check* check = deciding_check(verdict)) {
    step.why = check->why;
    if (check->rule == "baseline") {
      step.quantity = check->quantity;
      step.seen = check->seen;
      step.limit = check->limit;
    }
  }
  return step;
}

}  // namespace loopgate
