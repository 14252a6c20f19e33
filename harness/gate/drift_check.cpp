#include "gate/drift_check.h"

#include <fmt/format.h>

#include "stats/quantities.h"

namespace loopgate {
namespace {

constexpr std::uint32_t tail_from_per_million = 990'000;

bool is_of_tail(const Check& check) {
  const Quantity* quantity = find_quantity(check.quantity);
  if (quantity == nullptr) return check.quantity.starts_with("above ");
  if (quantity->has_rank()) return quantity->per_million >= tail_from_per_million;
  return quantity->kind == QuantityKind::extreme || quantity->kind == QuantityKind::spread;
}

bool drifts(const GroupEvidence* group) {
  return group != nullptr && group->stationarity.result == Steadiness::drifts;
}

// What the check is of that drifts, as its sentence names it; null when nothing does.
const GroupEvidence* drifting(const Check& check, const GroupEvidence& group, const Comparison& run,
                              const std::optional<Baseline>& baseline) {
  if (drifts(&group)) return &group;
  const GroupEvidence* reference = nullptr;
  if (check.rule == "compare") reference = find_group(run, check.against, check.load);
  if (check.rule == "baseline" && baseline)
    reference = find_group(baseline->comparison, check.kernel, check.load);
  return drifts(reference) ? reference : nullptr;
}

}  // namespace

void hold_drifting(const GroupEvidence& group, const Comparison& run, const std::optional<Baseline>& baseline,
                   std::vector<Check>* checks) {
  for (Check& check : *checks) {
    if (check.verdict != VerdictKind::pass || check.certain || !is_of_tail(check)) continue;
    const GroupEvidence* found = drifting(check, group, run, baseline);
    if (found == nullptr) continue;
    const char* whose = check.rule == "baseline" && found != &group ? "the baseline's " : "";
    check.verdict = VerdictKind::inconclusive;
    check.at_most.reset();
    check.why =
        fmt::format("{}; no PASS, since {}{} {}", check.why, whose, found->kernel, found->stationarity.says);
  }
}

}  // namespace loopgate
