#include "bisect/step_result.h"

namespace loopgate {

const char* name_of(StepResult result) {
  switch (result) {
    case StepResult::good:
      return "good";
    case StepResult::bad:
      return "bad";
    case StepResult::cannot_test:
      return "cannot test";
    case StepResult::undecided:
      return "undecided";
  }
  return "undecided";
}

std::optional<StepResult> step_result_named(std::string_view name) {
  for (const StepResult each :
       {StepResult::good, StepResult::bad, StepResult::cannot_test, StepResult::undecided})
    if (name == name_of(each)) return each;
  return std::nullopt;
}

}  // namespace loopgate
