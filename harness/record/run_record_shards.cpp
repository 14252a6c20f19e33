#include "record/run_record_shards.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

namespace loopgate {
namespace {

// The first of these names that is not one of `known`; empty where all are.
std::string stranger_among(const std::vector<std::string>& names, const std::vector<std::string>& known) {
  const auto found = std::ranges::find_if(
      names, [&](const std::string& name) { return std::ranges::find(known, name) == known.end(); });
  return found == names.end() ? std::string() : *found;
}

// The first of these names that stands there a second time; empty where none does.
std::string twice_among(const std::vector<std::string>& names) {
  std::set<std::string> seen;
  for (const std::string& name : names)
    if (!seen.insert(name).second) return name;
  return {};
}

std::vector<std::string> planned_names(const RunRecord& run) {
  std::vector<std::string> names;
  names.reserve(run.cells.size());
  for (const DescribedCell& cell : run.cells) names.push_back(cell.name);
  return names;
}

}  // namespace

std::string shard_complaint(const RunRecord& run) {
  if (!run.shard) return {};
  const Shard& shard = *run.shard;
  if (shard.index < 1 || shard.index > shard.count) return fmt::format("is {}", shard.text());
  if (static_cast<std::uint64_t>(shard.count) > run.cells.size())
    return fmt::format("is {}, and the plan has {} cell{}", shard.text(), run.cells.size(),
                       run.cells.size() == 1 ? "" : "s");
  if (shard.cells.empty()) return "has no cells: nothing was to be measured";
  if (const std::string name = stranger_among(shard.cells, planned_names(run)); !name.empty())
    return fmt::format("has {}, which is none of the plan's cells", name);
  if (const std::string name = stranger_among(shard.checked, shard.cells); !name.empty())
    return fmt::format("has {} checked, which is none of its cells", name);
  if (const std::string name = twice_among(shard.cells); !name.empty())
    return fmt::format("has {} twice", name);
  if (const std::string name = twice_among(shard.checked); !name.empty())
    return fmt::format("has {} checked twice", name);
  return {};
}

std::string merge_complaint(const RunRecord& run) {
  if (run.circumstances.shards.empty()) return {};
  std::vector<std::string> merged;
  for (const MergedShard& shard : run.circumstances.shards)
    merged.insert(merged.end(), shard.cells.begin(), shard.cells.end());
  std::vector<std::string> planned = planned_names(run);
  std::ranges::sort(merged);
  std::ranges::sort(planned);
  return merged == planned ? "" : "has shards that don't have each of the run's cells once";
}

}  // namespace loopgate
