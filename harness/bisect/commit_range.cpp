#include "bisect/commit_range.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "base/process.h"
#include "base/text.h"

namespace loopgate {
namespace {

constexpr std::chrono::seconds git_limit{600};

// What git prints. Of the user's repository and no other: git bisect run sets GIT_DIR for its own.
Result<std::string> asked_of_git(const std::filesystem::path& tree, std::vector<std::string> words,
                                 const std::string& failure) {
  std::vector<std::string> argv = {
      "env", "-u", "GIT_DIR",          "-u", "GIT_WORK_TREE", "-u", "GIT_INDEX_FILE",
      "git", "-c", "safe.directory=*", "-C", tree.string()};
  argv.insert(argv.end(), std::make_move_iterator(words.begin()), std::make_move_iterator(words.end()));
  TRY(done, run_program(argv, git_limit));
  if (done.exit_status == 0) return done.output;
  const std::string why = last_line(done.errors);
  return fail(ErrorKind::usage, failure + (why.empty() ? "" : ": " + why));
}

std::vector<std::string> words_in(std::string_view line) {
  std::vector<std::string> words;
  while (!line.empty()) {
    const std::size_t end = std::min(line.find(' '), line.size());
    if (end > 0) words.emplace_back(line.substr(0, end));
    line.remove_prefix(std::min(end + 1, line.size()));
  }
  return words;
}

bool is_commit_hash(const std::string& word) {
  return word.size() >= 40 && word.size() <= 64 &&
         word.find_first_not_of("0123456789abcdef") == std::string::npos;
}

tl::unexpected<Error> no_range(std::string_view line) {
  return fail(ErrorKind::data,
              fmt::format("git rev-list: \"{}\" is no commit with its parents", line.substr(0, 80)));
}

}  // namespace

Result<CommitRange> parse_commit_range(std::string_view text) {
  CommitRange range;
  std::map<std::string, std::size_t> places;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::vector<std::string> words = words_in(line);
    if (words.empty() || !std::ranges::all_of(words, is_commit_hash) || places.contains(words.front()))
      return no_range(line);
    std::vector<std::size_t> parents;
    for (std::size_t i = 1; i < words.size(); ++i)
      if (const auto found = places.find(words[i]); found != places.end()) parents.push_back(found->second);
    places.emplace(words.front(), range.commits.size());
    range.commits.push_back(words.front());
    range.graph.parents.push_back(std::move(parents));
  }
  return range;
}

Result<CommitRange> read_commit_range(const std::filesystem::path& tree, const std::string& good,
                                      const std::string& bad) {
  TRY(changed, asked_of_git(tree, {"--no-optional-locks", "status", "--porcelain", "--untracked-files=no"},
                            fmt::format("{}: is no git work tree, so it has no commits", tree.string())));
  if (!changed.empty())
    return fail(ErrorKind::usage,
                fmt::format("{}: has local changes ({}), which are in no commit; nothing was touched",
                            tree.string(), changed.substr(0, changed.find('\n'))),
                "commit or stash them");
  for (const std::string& commit : {good, bad})
    TRY_STATUS(asked_of_git(tree, {"rev-parse", "--verify", "--quiet", commit + "^{commit}"},
                            fmt::format("{}: has no commit {}", tree.string(), commit)));
  TRY_STATUS(
      asked_of_git(tree, {"merge-base", "--is-ancestor", good, bad},
                   fmt::format("{}: commit {} of the good end is no ancestor of commit {} of the bad end",
                               tree.string(), good, bad)));
  TRY(text, asked_of_git(tree, {"rev-list", "--topo-order", "--reverse", "--parents", good + ".." + bad},
                         tree.string() + ": its commits cannot be listed"));
  TRY(range, parse_commit_range(text));
  if (!range.commits.empty()) return range;
  return fail(ErrorKind::usage, fmt::format("{}: commits {} and {} are the same", tree.string(), good, bad),
              "name two commits, or leave commit out of both");
}

}  // namespace loopgate
