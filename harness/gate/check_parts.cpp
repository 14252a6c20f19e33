#include "gate/check_parts.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "gate/confidence.h"
#include "gate/units.h"

namespace loopgate {

Check new_check(const Group& group, const char* rule, const std::string& quantity, const char* unit,
                double limit) {
  Check check;
  check.kernel = group.kernel;
  check.load = group.load;
  check.rule = rule;
  check.quantity = quantity;
  check.unit = unit;
  check.limit = limit;
  return check;
}

void conclude(Check* check, VerdictKind verdict, std::string why) {
  check->verdict = verdict;
  check->why = std::move(why);
}

const Quantile* find_quantile(const std::string& quantity) {
  const auto* found = std::find_if(quantiles.begin(), quantiles.end(),
                                   [&](const Quantile& quantile) { return quantity == quantile.key; });
  return found == quantiles.end() ? nullptr : found;
}

double share_above(const Quantile& quantile) {
  return static_cast<double>(1'000'000 - quantile.per_million) / 1e6;
}

std::string evidence_text(const GroupData& data, std::int64_t limit_ns) {
  const Latencies& latencies = data.latencies;
  const std::uint64_t above = latencies.count_above(limit_ns);
  const std::uint64_t unanswered = data.group.summary.counts.unanswered;
  const auto waited = std::upper_bound(latencies.not_sent_ns.begin(), latencies.not_sent_ns.end(), limit_ns);
  const std::uint64_t not_sent =
      static_cast<std::uint64_t>(latencies.not_sent_ns.end() - waited) + latencies.endless - unanswered;
  std::string text =
      fmt::format("{} of {} {} above {}", above == 0 ? "none" : with_thousands(above),
                  stimuli_text(latencies.total()), above == 1 ? "was" : "were", limit_text(limit_ns));
  if (not_sent + unanswered > 0)
    text +=
        fmt::format(" ({} not sent, {} unanswered)", with_thousands(not_sent), with_thousands(unanswered));
  return text;
}

std::string reference_name(const RatioRule& rule) {
  return rule.against.empty() ? "the baseline" : rule.against;
}

std::string unresolved(const Group& group, const Group& reference, std::uint64_t least, const RatioRule& rule,
                       double confidence, Check* check) {
  const std::uint64_t unanswered = group.summary.counts.unanswered + reference.summary.counts.unanswered;
  if (unanswered > 0)
    return fmt::format("{} had no answer, so the figures are incomplete", stimuli_text(unanswered));
  const Quantile* quantile = find_quantile(rule.quantity);
  if (quantile == nullptr) return {};
  const std::uint64_t needed = samples_to_resolve(share_above(*quantile), confidence);
  if (least >= needed) return {};
  check->samples_needed = needed;
  return fmt::format("{} do not resolve {} at {} confidence: {} are needed", stimuli_text(least),
                     quantity_text(rule.quantity), percent_text(confidence), with_thousands(needed));
}

}  // namespace loopgate
