#include "gate/guard_band.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <optional>

#include "base/units.h"
#include "stats/quantities.h"

namespace loopgate {
namespace {

bool is_latency(const Limit& limit) { return find_quantity(limit.quantity)->kind != QuantityKind::count; }

std::optional<std::int64_t> least_latency_limit(const Policy& policy) {
  std::int64_t least = std::numeric_limits<std::int64_t>::max();
  for (const BudgetRule& rule : policy.budgets) {
    for (const Limit& limit : rule.limits)
      if (is_latency(limit)) least = std::min(least, limit.at_most);
    if (rule.exceed) least = std::min(least, rule.exceed->over_ns);
  }
  if (least == std::numeric_limits<std::int64_t>::max()) return std::nullopt;
  return least;
}

}  // namespace

Check judge_guarded(std::int64_t limit_ns, std::int64_t guard_band_ns, const JudgeAt& judge) {
  Check at_limit = judge(limit_ns);
  if (guard_band_ns == 0 || at_limit.verdict == VerdictKind::invalid) return at_limit;
  const auto as_asked = [&](Check check, std::int64_t held_against_ns) {
    check.why = fmt::format("held against {}, since the guard band is {}: {}", limit_text(held_against_ns),
                            limit_text(guard_band_ns), check.why);
    check.quantity = at_limit.quantity;
    check.limit = at_limit.limit;
    return check;
  };
  Check kept = judge(limit_ns - guard_band_ns);
  if (kept.verdict != VerdictKind::fail) return as_asked(std::move(kept), limit_ns - guard_band_ns);
  Check broken = judge(limit_ns + guard_band_ns);
  if (broken.verdict != VerdictKind::pass) return as_asked(std::move(broken), limit_ns + guard_band_ns);
  // Between the two. More stimuli would not decide it.
  at_limit.verdict = VerdictKind::inconclusive;
  at_limit.at_most.reset();
  at_limit.samples_needed.reset();
  at_limit.replicates_needed.reset();
  at_limit.why =
      fmt::format("within the guard band of {} about its limit, where the instrument may be wrong: {}",
                  limit_text(guard_band_ns), at_limit.why);
  return at_limit;
}

std::string vain_guard_band(const Policy& policy) {
  if (policy.guard_band_ns == 0) return {};
  const auto least = least_latency_limit(policy);
  if (!least)
    return "is of latencies that an instrument measures, and no [[budget]] of this policy limits one";
  if (policy.guard_band_ns < *least) return {};
  return fmt::format("must be below each limit of a latency, and one is {}", limit_text(*least));
}

std::string guard_band_text(std::int64_t guard_band_ns) {
  if (guard_band_ns == 0) return {};
  return fmt::format(
      "the guard band is {0}: a latency's limit is kept from {0} below it and broken from {0} above it; "
      "ratios, programs' own figures and worst cases have none",
      limit_text(guard_band_ns));
}

}  // namespace loopgate
