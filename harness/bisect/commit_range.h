// The commits between two of a git work tree, which is only read.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "bisect/commit_search.h"

namespace loopgate {

struct CommitRange {
  std::vector<std::string> commits;  // full hashes, parents first; the bad one last
  CommitGraph graph;
};

// All that the bad commit has and the good one has not. A usage error where the tree is no git work tree or
// has local changes, a commit is none of it, or the good one is not among the bad one's ancestors.
Result<CommitRange> read_commit_range(const std::filesystem::path& tree, const std::string& good,
                                      const std::string& bad);

// `git rev-list --parents` of them, in the order in which they were read: each line a commit and its parents.
// A data error where a line is none.
Result<CommitRange> parse_commit_range(std::string_view text);

}  // namespace loopgate
