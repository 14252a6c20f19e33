#include "stats/unmeasured.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace loopgate {
namespace {

bool is_missing(const UnmeasuredCell& cell) { return cell.outcome == "missing"; }

std::string reason_of(const UnmeasuredCell& cell) {
  return cell.reason.empty() ? "no reason was recorded" : cell.reason;
}

UnmeasuredText text_of(const UnmeasuredCell& cell) {
  return {fmt::format("{}: {}: {}", cell.cell, cell.outcome, reason_of(cell)), cell.kernel_failed(),
          cell.next_step};
}

std::string missing_text(const GroupEvidence& group, std::ptrdiff_t missing) {
  return fmt::format(
      "{}.{}: {} of {} replicates {}; go on with --resume", group.kernel, group.load, missing,
      std::max(group.cells.size(), group.replicates.size() + group.invalid.size()),
      missing == 1 ? "is missing: it was not finished" : "are missing: they were not finished");
}

// What is wrong with a cell, whichever it is: of an altered run.json all say the same.
std::string kind_of(const UnmeasuredCell& cell) {
  std::string reason = cell.reason;
  for (std::size_t at = reason.find(cell.cell + "/"); at != std::string::npos;
       at = reason.find(cell.cell + "/", at))
    reason.erase(at, cell.cell.size());
  return cell.outcome + ": " + reason + " -> " + cell.next_step;
}

std::string several_text(const UnmeasuredCell& first, std::ptrdiff_t others) {
  return fmt::format("{} and {} other replicates: {}: {}", first.cell, others, first.outcome,
                     reason_of(first));
}

// From so many on they are told as one.
constexpr std::ptrdiff_t alike_min = 3;

// Those that are alike stand where the first of them does.
void add_alike(const std::vector<UnmeasuredCell>& cells, std::vector<UnmeasuredText>* texts) {
  std::map<std::string, std::ptrdiff_t> alike;
  for (const UnmeasuredCell& cell : cells) ++alike[kind_of(cell)];
  for (const UnmeasuredCell& cell : cells) {
    std::ptrdiff_t& count = alike[kind_of(cell)];
    if (count == 0) continue;  // told
    if (count < alike_min || cell.kernel_failed()) {
      texts->push_back(text_of(cell));
      continue;
    }
    texts->push_back({several_text(cell, count - 1), false, cell.next_step});
    count = 0;
  }
}

}  // namespace

std::vector<UnmeasuredText> unmeasured_texts(const GroupEvidence& group) {
  const auto missing = std::ranges::count_if(group.invalid, is_missing);
  std::vector<UnmeasuredText> texts;
  std::vector<UnmeasuredCell> cells = group.invalid;
  if (missing >= 2) std::erase_if(cells, is_missing);
  add_alike(cells, &texts);
  if (missing >= 2) texts.push_back({missing_text(group, missing), false});
  return texts;
}

}  // namespace loopgate
