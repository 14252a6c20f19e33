// What becomes of a step of a search.
#pragma once

#include <array>
#include <utility>

namespace loopgate {

enum class StepResult {
  good,
  bad,
  cannot_test,  // it does not build or boot, or is not the kernel that it claims to be
  undecided,    // it was measured, and the evidence is too little
};

inline constexpr std::array step_results = {
    std::pair{"good", StepResult::good}, std::pair{"bad", StepResult::bad},
    std::pair{"cannot test", StepResult::cannot_test}, std::pair{"undecided", StepResult::undecided}};

const char* name_of(StepResult result);

}  // namespace loopgate
