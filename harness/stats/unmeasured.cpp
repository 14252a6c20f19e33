#include "stats/unmeasured.h"

#include <fmt/format.h>

#include <algorithm>

namespace loopgate {
namespace {

bool is_missing(const UnmeasuredCell& cell) { return cell.outcome == "missing"; }

UnmeasuredText text_of(const UnmeasuredCell& cell) {
  return {fmt::format("{}: {}: {}", cell.cell, cell.outcome,
                      cell.reason.empty() ? "no reason was recorded" : cell.reason),
          cell.kernel_failed()};
}

std::string missing_text(const GroupEvidence& group, std::ptrdiff_t missing) {
  return fmt::format("{}.{}: {} of {} replicates are missing: they were not finished; go on with --resume",
                     group.kernel, group.load, missing,
                     std::max(group.cells.size(), group.replicates.size() + group.invalid.size()));
}

}  // namespace

std::vector<UnmeasuredText> unmeasured_texts(const GroupEvidence& group) {
  const auto missing = std::ranges::count_if(group.invalid, is_missing);
  std::vector<UnmeasuredText> texts;
  for (const UnmeasuredCell& cell : group.invalid)
    if (missing < 2 || !is_missing(cell)) texts.push_back(text_of(cell));
  if (missing >= 2) texts.push_back({missing_text(group, missing), false});
  return texts;
}

}  // namespace loopgate
