// Which of many differences make the good end bad: delta debugging (Zeller and Hildebrandt 2002, IEEE
// Transactions on Software Engineering 28, p. 183). Pure over an abstract judge.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "base/result.h"
#include "record/step_result.h"

namespace loopgate {

// Differences by their numbers, ascending.
using ChangeSet = std::vector<std::size_t>;

// The good end with these differences.
using JudgeSet = std::function<Result<StepResult>(const ChangeSet& changes)>;

struct MinimalSet {
  ChangeSet changes;  // the good end with them is bad
  // Those of them without which the rest is neither good nor bad: it cannot be tested, or is undecided.
  // Empty: it is 1-minimal, without any one of them it is good.
  ChangeSet not_shown_needed;
};

// Of `count` differences, which all together are bad and of which none is good. A single culprit of n takes
// about 2 log2 n judgements; two that only act together are found as a pair. Nothing is judged twice.
Result<MinimalSet> find_minimal_set(std::size_t count, const JudgeSet& judge);

// Both ascending.
ChangeSet without(const ChangeSet& changes, const ChangeSet& others);
ChangeSet all_changes(std::size_t count);

}  // namespace loopgate
