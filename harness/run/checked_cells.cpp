#include "run/checked_cells.h"

#include <fmt/format.h>

#include <string_view>

#include "qemu/restored_run.h"
#include "run/equal_runs.h"

namespace loopgate {
namespace {

// "kernel_failed (the kernel hung)", and whether the cache of one host had a state of it is no difference.
std::string end_text(const Outcome& outcome) {
  if (outcome.kind == OutcomeKind::measured) return name_of(outcome.kind);
  std::string_view reason = outcome.reason;
  if (reason.ends_with(failed_from_both)) reason.remove_suffix(failed_from_both.size());
  return fmt::format("{} ({})", name_of(outcome.kind), reason);
}

std::string unequal_sentence(const std::string& cell, const RunPart& first, const RunPart& second) {
  const Outcome& one = first.outcomes.at(cell);
  const Outcome& other = second.outcomes.at(cell);
  std::string difference;
  if (end_text(one) != end_text(other)) {
    difference = fmt::format("one came to {}, the other to {}", end_text(one), end_text(other));
  } else {
    difference = unequal_text({one, first.folder_of(cell)}, {other, second.folder_of(cell)});
    if (!difference.empty()) difference = "they gave " + difference;
  }
  if (difference.empty()) return {};
  return fmt::format("{} and {} measured {}, and {}", first.text(), second.text(), cell, difference);
}

CheckedCell compare(const std::string& cell, const RunPart& first, const RunPart& second) {
  CheckedCell checked{cell, &first, &second, false, {}};
  for (const RunPart* part : {&first, &second})
    if (part->outcomes.at(cell).kind == OutcomeKind::invalid) return checked;
  checked.compared = true;
  checked.unequal = unequal_sentence(cell, first, second);
  return checked;
}

}  // namespace

std::vector<CheckedCell> compare_checked(const std::vector<RunPart>& parts) {
  std::vector<CheckedCell> all;
  for (auto first = parts.begin(); first != parts.end(); ++first)
    for (const std::string& cell : first->shard.checked)
      for (auto second = first + 1; second != parts.end(); ++second)
        if (second->outcomes.contains(cell)) all.push_back(compare(cell, *first, *second));
  return all;
}

}  // namespace loopgate
