#include "bisect/set_search.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>
#include <optional>

namespace loopgate {
namespace {

// `parts` pieces of about equal size, none of them empty.
std::vector<ChangeSet> split(const ChangeSet& changes, std::size_t parts) {
  std::vector<ChangeSet> pieces;
  for (std::size_t i = 0; i < parts; ++i) {
    const auto begin = changes.begin() + static_cast<std::ptrdiff_t>(changes.size() * i / parts);
    const auto end = changes.begin() + static_cast<std::ptrdiff_t>(changes.size() * (i + 1) / parts);
    pieces.emplace_back(begin, end);
  }
  return pieces;
}

// Fewer changes that are bad, too.
struct Smaller {
  ChangeSet changes;
  bool is_piece = false;  // else all but a piece
};

class DeltaDebugging {
 public:
  explicit DeltaDebugging(const JudgeSet& judge) : judge_(judge) { known_[{}] = StepResult::good; }

  Result<MinimalSet> reduce(ChangeSet changes) {
    known_[changes] = StepResult::bad;
    std::size_t parts = 2;
    while (changes.size() >= 2) {
      TRY(smaller, smaller_of(changes, parts));
      if (smaller) {
        // A piece is begun with anew; of a complement the same pieces are left but one.
        parts = smaller->is_piece ? 2 : std::max<std::size_t>(parts - 1, 2);
        changes = std::move(smaller->changes);
        parts = std::min(parts, changes.size());
      } else if (parts < changes.size()) {
        parts = std::min(2 * parts, changes.size());
      } else {
        break;
      }
    }
    return described(changes);
  }

 private:
  Result<StepResult> judge(const ChangeSet& changes) {
    if (const auto found = known_.find(changes); found != known_.end()) return found->second;
    TRY(result, judge_(changes));
    known_[changes] = result;
    return result;
  }

  // The first piece that is bad by itself, else the first that can be left out.
  Result<std::optional<Smaller>> smaller_of(const ChangeSet& changes, std::size_t parts) {
    const std::vector<ChangeSet> pieces = split(changes, parts);
    for (const ChangeSet& piece : pieces) {
      TRY(result, judge(piece));
      if (result == StepResult::bad) return std::optional(Smaller{piece, true});
    }
    for (const ChangeSet& piece : pieces) {
      ChangeSet rest = without(changes, piece);
      TRY(result, judge(rest));
      if (result == StepResult::bad) return std::optional(Smaller{std::move(rest), false});
    }
    return std::optional<Smaller>();
  }

  // By now each rest without one was judged.
  Result<MinimalSet> described(const ChangeSet& changes) {
    MinimalSet found{changes, {}};
    for (const std::size_t change : changes) {
      TRY(result, judge(without(changes, {change})));
      if (result != StepResult::good) found.not_shown_needed.push_back(change);
    }
    return found;
  }

  const JudgeSet& judge_;
  std::map<ChangeSet, StepResult> known_;
};

}  // namespace

ChangeSet without(const ChangeSet& changes, const ChangeSet& others) {
  ChangeSet rest;
  std::ranges::set_difference(changes, others, std::back_inserter(rest));
  return rest;
}

ChangeSet all_changes(std::size_t count) {
  ChangeSet all(count);
  std::iota(all.begin(), all.end(), std::size_t{0});
  return all;
}

Result<MinimalSet> find_minimal_set(std::size_t count, const JudgeSet& judge) {
  if (count == 0) return MinimalSet{};
  return DeltaDebugging(judge).reduce(all_changes(count));
}

}  // namespace loopgate
