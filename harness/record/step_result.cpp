#include "record/step_result.h"

namespace loopgate {

const char* name_of(StepResult result) {
  for (const auto& [name, each] : step_results)
    if (each == result) return name;
  return "undecided";
}

}  // namespace loopgate
