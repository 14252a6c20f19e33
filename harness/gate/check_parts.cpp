#include "gate/check_parts.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/units.h"
#include "gate/confidence.h"

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

std::string evidence_text(const GroupData& data, std::int64_t limit_ns) {
  const Latencies& latencies = data.latencies;
  const std::uint64_t above = latencies.count_above(limit_ns);
  const std::uint64_t unanswered = data.group.summary.counts.unanswered;
  const auto waited = std::upper_bound(latencies.not_sent_ns.begin(), latencies.not_sent_ns.end(), limit_ns);
  const std::uint64_t not_sent =
      static_cast<std::uint64_t>(latencies.not_sent_ns.end() - waited) + latencies.censored - unanswered;
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
  const Quantity* quantity = find_quantity(rule.quantity);
  if (quantity == nullptr || quantity->kind != QuantityKind::quantile) return {};
  const std::uint64_t needed = samples_to_resolve(quantity->share_above(), confidence);
  if (least >= needed) return {};
  check->samples_needed = needed;
  return fmt::format("{} do not resolve {} at {} confidence: {} are needed", stimuli_text(least),
                     label_of(rule.quantity), percent_text(confidence), with_thousands(needed));
}

}  // namespace loopgate
