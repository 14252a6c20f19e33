// What becomes of a step of a search.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace loopgate {

enum class StepResult {
  good,
  bad,
  cannot_test,  // it does not build or boot, or is not the kernel that it claims to be
  undecided,    // it was measured, and the evidence is too little
};

// "good", "bad", "cannot test", "undecided"
const char* name_of(StepResult result);
std::optional<StepResult> step_result_named(std::string_view name);

}  // namespace loopgate
