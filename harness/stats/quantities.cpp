#include "stats/quantities.h"

#include "record/worst_case.h"
#include "stats/comparison.h"

namespace loopgate {

std::optional<double> read_quantile(const Quantity& quantity, const LatencyFigures& figures) {
  for (std::size_t i = 0; i < quantiles.size(); ++i)
    if (quantiles[i].per_million == quantity.per_million && figures.quantile[i])
      return static_cast<double>(*figures.quantile[i]);
  return std::nullopt;
}

std::optional<double> read_min(const Quantity& /*quantity*/, const LatencyFigures& figures) {
  return static_cast<double>(figures.min);
}

std::optional<double> read_max(const Quantity& /*quantity*/, const LatencyFigures& figures) {
  return static_cast<double>(figures.max);
}

std::optional<double> read_mean(const Quantity& /*quantity*/, const LatencyFigures& figures) {
  return figures.mean;
}

std::optional<double> read_mean_above_p99_5(const Quantity& /*quantity*/, const LatencyFigures& figures) {
  return figures.mean_above_p99_5;
}

std::optional<double> read_stddev(const Quantity& /*quantity*/, const LatencyFigures& figures) {
  return figures.stddev;
}

std::optional<double> read_jitter(const Quantity& /*quantity*/, const LatencyFigures& figures) {
  return static_cast<double>(figures.jitter);
}

std::optional<CountRange> read_late(const GroupEvidence& group) {
  if (!group.not_counted.empty()) return std::nullopt;
  return group.summary.counts.late;
}

std::optional<CountRange> read_unanswered(const GroupEvidence& group) {
  if (group.not_counted.empty()) return group.summary.counts.unanswered;
  if (group.pooled == nullptr) return std::nullopt;
  return group.pooled->censored();
}

std::optional<CountRange> read_not_sent(const GroupEvidence& group) {
  if (!group.not_counted.empty()) return std::nullopt;
  return group.summary.counts.not_sent;
}

std::optional<CountRange> read_wrong(const GroupEvidence& group) {
  if (!group.summary.decisions) return std::nullopt;
  const DecisionCounts& decisions = *group.summary.decisions;
  return CountRange{decisions.wrong, decisions.wrong + decisions.unjudged};
}

std::optional<CountRange> read_wrong_frame(const GroupEvidence& group) {
  if (!group.summary.decisions) return std::nullopt;
  return group.summary.decisions->wrong_frame;
}

const Quantity* find_quantity(std::string_view key) {
  const auto* found = std::ranges::find_if(quantities, [&](const Quantity& each) { return key == each.key; });
  return found == quantities.end() ? nullptr : found;
}

std::string label_of(std::string_view key) {
  if (const Quantity* quantity = find_quantity(key)) return quantity->label;
  const WorstCaseQuantity* of_worst_case = find_worst_case_quantity(key);
  return of_worst_case == nullptr ? std::string(key) : of_worst_case->label;
}

}  // namespace loopgate
