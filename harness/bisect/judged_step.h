// What a verdict says of a step. Pure.
#pragma once

#include <optional>
#include <string>

#include "gate/verdict.h"
#include "record/step_result.h"

namespace loopgate {

struct JudgedStep {
  StepResult result = StepResult::undecided;
  std::string why;  // one sentence: the check that decided
  // Of that check, where it compares figures: "p50", the ratio to the good end, and the limit.
  std::string quantity;
  std::optional<double> seen;
  std::optional<double> limit;
  bool kernel_failed = false;  // it panicked, hung or did not boot
  bool invalid = false;        // the load, the instrument, the bench, or what was asked of the kernel
};

// PASS is good, FAIL bad. A kernel that failed cannot be tested, unless `failing_is_bad`, as where the bad
// end failed, too: what is searched for is then what makes it fail. INVALID cannot be tested; whoever asks
// decides first whether that is the bench's fault.
JudgedStep judged_step(const Verdict& verdict, bool failing_is_bad);

}  // namespace loopgate
