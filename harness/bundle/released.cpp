#include "bundle/released.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace loopgate {
namespace {

#include "shipped_files.h"  // by shipped_files.cmake

void check_input(const char* kind, const InputFile& input, const std::string& path,
                 std::span<const ShippedFile> shipped, ReleaseCheck* check) {
  const auto file = std::ranges::find(shipped, path, &ShippedFile::path);
  const std::string name = fmt::format("{} {}", kind, input.name);
  if (input.sha256.empty())
    check->modified.push_back(name + " is known by its name alone");
  else if (file == shipped.end())
    check->modified.push_back(name + " is none of the released ones");
  else if (file->sha256 != input.sha256)
    check->modified.push_back(name + " is not as it is released");
  else
    check->released.push_back(name);
}

void check_policy(const std::string& suite, std::string_view sha256, std::span<const ShippedFile> shipped,
                  ReleaseCheck* check) {
  const std::string folder = fmt::format("suites/{}/", suite);
  const auto file = std::ranges::find_if(shipped, [&](const ShippedFile& each) {
    return each.sha256 == sha256 && each.path.starts_with(folder) && each.path != folder + "suite.toml";
  });
  if (file == shipped.end())
    check->modified.push_back(fmt::format("the policy is none of the released ones of {}", suite));
  else
    check->released.push_back(fmt::format("policy {}", file->path));
}

void check_tool(const std::string& commit, ReleaseCheck* check) {
  if (commit.empty())
    check->modified.emplace_back("the loopgate that measured was built from an unknown tree");
  else if (commit.ends_with("-dirty"))
    check->modified.push_back(
        fmt::format("the loopgate that measured was built from a modified tree ({})", commit));
}

}  // namespace

std::span<const ShippedFile> shipped_files() {
  return {std::begin(files_of_this_build), std::size(files_of_this_build) - 1};  // the last one ends the list
}

ReleaseCheck check_released(const RunRecord& run, std::string_view policy_sha256,
                            std::span<const ShippedFile> shipped) {
  ReleaseCheck check;
  check_input("suite", run.suite, fmt::format("suites/{}/suite.toml", run.suite.name), shipped, &check);
  for (const InputFile& load : run.loads)
    check_input("load", load, fmt::format("fixtures/loads/{}.toml", load.name), shipped, &check);
  check_policy(run.suite.name, policy_sha256, shipped, &check);
  std::set<std::string> commits{run.circumstances.commit};
  for (const MergedShard& shard : run.circumstances.shards) commits.insert(shard.commit);
  for (const std::string& commit : commits) check_tool(commit, &check);
  return check;
}

}  // namespace loopgate
