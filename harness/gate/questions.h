// How many questions of a verdict chance alone could answer wrongly; a maximum or a count is a fact. Pure.
#pragma once

#include <cstddef>

#include "gate/policy.h"
#include "stats/comparison.h"

namespace loopgate {

// Of an instrument's rules and of programs', those of programs for each program that they are of.
std::size_t uncertain_questions(const Policy& policy, const Comparison& comparison, bool with_baseline);

}  // namespace loopgate
