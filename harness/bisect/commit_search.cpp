#include "bisect/commit_search.h"

#include <algorithm>
#include <optional>

namespace loopgate {
namespace {

using Marks = std::vector<bool>;

// The commit and all that it was built on.
Marks with_ancestors(const CommitGraph& graph, std::size_t commit) {
  Marks marks(graph.parents.size(), false);
  marks[commit] = true;
  for (std::size_t i = commit + 1; i-- > 0;) {
    if (!marks[i]) continue;
    for (const std::size_t parent : graph.parents[i]) marks[parent] = true;
  }
  return marks;
}

std::size_t count_of_both(const Marks& one, const Marks& other) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < one.size(); ++i) count += one[i] && other[i] ? 1 : 0;
  return count;
}

// The commit to judge next: nothing where all but the bad tip are judged or passed over.
std::optional<std::size_t> best_commit(const CommitGraph& graph, const Marks& open, const Marks& passed_over,
                                       std::size_t tip) {
  const auto all = static_cast<std::size_t>(std::ranges::count(open, true));
  std::optional<std::size_t> best;
  std::size_t best_halving = 0;
  for (std::size_t i = 0; i < open.size(); ++i) {
    if (!open[i] || passed_over[i] || i == tip) continue;
    const std::size_t below = count_of_both(with_ancestors(graph, i), open);
    const std::size_t halving = std::min(below, all - below);
    if (best && halving <= best_halving) continue;
    best = i;
    best_halving = halving;
  }
  return best;
}

// What is still open once the commit is judged good, or bad.
void narrow(const CommitGraph& graph, std::size_t commit, bool bad, Marks* open) {
  const Marks below = with_ancestors(graph, commit);
  for (std::size_t i = 0; i < open->size(); ++i) (*open)[i] = (*open)[i] && below[i] == bad;
}

}  // namespace

Result<FirstBadCommit> find_first_bad(const CommitGraph& graph, const JudgeCommit& judge) {
  FirstBadCommit found;
  if (graph.parents.empty()) return found;
  std::size_t tip = graph.parents.size() - 1;
  Marks open = with_ancestors(graph, tip);
  Marks passed_over(graph.parents.size(), false);
  while (const auto next = best_commit(graph, open, passed_over, tip)) {
    TRY(result, judge(*next));
    if (result == StepResult::bad) {
      tip = *next;
      narrow(graph, *next, true, &open);
    } else if (result == StepResult::good) {
      narrow(graph, *next, false, &open);
    } else {
      passed_over[*next] = true;
    }
  }
  for (std::size_t i = 0; i < open.size(); ++i)
    if (open[i]) found.suspects.push_back(i);
  return found;
}

}  // namespace loopgate
