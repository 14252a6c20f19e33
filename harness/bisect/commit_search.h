// Which commit was the first bad one: by halves, in the order of `git bisect`. Pure over an abstract judge.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "base/result.h"
#include "record/step_result.h"

namespace loopgate {

// Commits between a good end, which is none of them, and a bad end, which is the last. Each has its parents
// among them by their indices, which are less than its own; a parent that the good end has is left out.
struct CommitGraph {
  std::vector<std::vector<std::size_t>> parents;
};

struct FirstBadCommit {
  // One: it is the first bad commit, all of its parents are good. Several: those before the last could not be
  // judged, and any of them may be it. Ascending.
  std::vector<std::size_t> suspects;
};

using JudgeCommit = std::function<Result<StepResult>(std::size_t commit)>;

// Judges the commit that leaves the least in the worse case (Linux' own git-bisect, "Bisection algorithm"),
// until one is left: of 64 in a row 6 are judged. What cannot be tested or is undecided is passed over, and
// the next best is judged in its place. The last is not judged: it is the bad end. An error of `judge` ends
// it.
Result<FirstBadCommit> find_first_bad(const CommitGraph& graph, const JudgeCommit& judge);

}  // namespace loopgate
