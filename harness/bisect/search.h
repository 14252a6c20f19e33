// The whole search: which differences, then which commit. Pure over an abstract judge.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "bisect/commit_search.h"
#include "bisect/set_search.h"
#include "record/step_result.h"

namespace loopgate {

// A kernel between the ends.
struct Trial {
  ChangeSet changes;     // that it has of the bad end
  std::string commit;    // where the commits are among them: this one of them; empty: the bad end's
  std::string reverted;  // a commit that is taken back on top; empty: none

  // "changes 0 3, commit 1234"
  std::string key() const;
};

struct SearchSpace {
  std::size_t changes = 0;
  std::optional<std::size_t> commit_change;  // which of them stands for the commits, all of them at once
  std::vector<std::string> commits;          // theirs, the bad end's last
  CommitGraph graph;
};

struct FoundCulprit {
  MinimalSet set;
  std::vector<std::string> commits;  // the first bad one, or all that may be it; empty: none is in the set
  // The bad end without the culprit. Nothing: it could not be taken back, since it is not known which it is.
  std::optional<StepResult> taken_back;
};

using JudgeTrial = std::function<Result<StepResult>(const Trial& trial)>;

// Both ends are verified: all changes are bad, none is good, and neither is judged again.
Result<FoundCulprit> find_culprit(const SearchSpace& space, const JudgeTrial& judge);

}  // namespace loopgate
