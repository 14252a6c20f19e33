#include "run/next_step.h"

#include <fmt/format.h>

#include <algorithm>

#include "run/resume_line.h"

namespace loopgate {
namespace {

struct Unmeasured {
  std::vector<std::string> cells;
  bool any_invalid = false;  // and not only unfinished
};

Unmeasured unmeasured_of(const Comparison& comparison) {
  Unmeasured found;
  for (const GroupEvidence& group : comparison.groups)
    for (const UnmeasuredCell& cell : group.invalid) {
      if (cell.kernel_failed()) continue;
      found.cells.push_back(cell.cell);
      found.any_invalid = found.any_invalid || (cell.outcome == "invalid" && !cell.unreadable);
    }
  return found;
}

// The run that the shard was: the whole without the others.
RunRecord shard_of(const RunRecord& whole, const MergedShard& shard) {
  RunRecord part = whole;
  part.shard = Shard{shard.index, static_cast<std::int64_t>(whole.circumstances.shards.size())};
  part.circumstances.jobs = shard.jobs;
  part.circumstances.shards.clear();
  return part;
}

std::string shards_text(const std::string& program, const RunRecord& run,
                        const std::vector<std::string>& cells) {
  std::string text;
  for (const MergedShard& shard : run.circumstances.shards) {
    const bool has_any = std::ranges::any_of(
        cells, [&](const std::string& cell) { return std::ranges::count(shard.cells, cell) > 0; });
    if (!has_any) continue;
    const RunRecord part = shard_of(run, shard);
    text += fmt::format("{}measured by {}: {}", text.empty() ? "" : "; ", part.shard->text(),
                        resume_line(program, part, "PART"));
  }
  return text + fmt::format(", where PART is that shard's folder; then {} merge", program);
}

}  // namespace

std::string next_step_of(const std::string& program, const RunRecord& run,
                         const std::filesystem::path& folder, const Comparison& comparison) {
  const Unmeasured found = unmeasured_of(comparison);
  if (found.cells.empty() || run.is_capture()) return {};
  const std::string line = resume_line(program, run, folder);
  return fmt::format("{} cell{} must be measured again -> {}{}", found.cells.size(),
                     found.cells.size() == 1 ? "" : "s",
                     line.empty() ? shards_text(program, run, found.cells) : line,
                     found.any_invalid ? "\nwhere a file of the run is at fault (a kernel's, a load's or the "
                                         "suite's), mend it and measure with a new --out: --resume wants the "
                                         "files as they were"
                                       : "");
}

}  // namespace loopgate
