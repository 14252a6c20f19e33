#include "bisect/search.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace loopgate {
namespace {

bool has_commits(const SearchSpace& space, const ChangeSet& changes) {
  return space.commit_change && std::ranges::binary_search(changes, *space.commit_change);
}

Result<std::vector<std::string>> find_commits(const SearchSpace& space, const ChangeSet& culprits,
                                              const JudgeTrial& judge) {
  TRY(first, find_first_bad(space.graph, [&](std::size_t commit) {
        return judge(Trial{culprits, space.commits[commit], {}});
      }));
  std::vector<std::string> commits;
  for (const std::size_t suspect : first.suspects) commits.push_back(space.commits[suspect]);
  return commits;
}

// The bad end without what was found.
Trial bad_without(const SearchSpace& space, const FoundCulprit& found) {
  Trial trial{without(all_changes(space.changes), found.set.changes), {}, {}};
  if (found.commits.empty()) return trial;
  trial.reverted = found.commits.front();
  trial.changes.push_back(*space.commit_change);
  std::ranges::sort(trial.changes);
  return trial;
}

}  // namespace

std::string Trial::key() const {
  std::string text = changes.empty() ? "no change" : fmt::format("changes {}", fmt::join(changes, " "));
  if (!commit.empty()) text += ", commit " + commit;
  if (!reverted.empty()) text += ", without commit " + reverted;
  return text;
}

Result<FoundCulprit> find_culprit(const SearchSpace& space, const JudgeTrial& judge) {
  FoundCulprit found;
  TRY(set, find_minimal_set(space.changes,
                            [&](const ChangeSet& changes) { return judge(Trial{changes, {}, {}}); }));
  found.set = std::move(set);
  if (has_commits(space, found.set.changes)) {
    TRY(commits, find_commits(space, found.set.changes, judge));
    found.commits = std::move(commits);
    if (found.commits.size() > 1) return found;
  }
  const Trial rest = bad_without(space, found);
  if (rest.changes.empty()) {
    found.taken_back = StepResult::good;  // it is the good end itself
    return found;
  }
  TRY(taken_back, judge(rest));
  found.taken_back = taken_back;
  return found;
}

}  // namespace loopgate
