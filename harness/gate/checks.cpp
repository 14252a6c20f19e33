#include "gate/checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "base/units.h"
#include "gate/check_parts.h"
#include "gate/clustering.h"
#include "gate/confidence.h"
#include "gate/gathering.h"
#include "gate/guard_band.h"
#include "gate/lost_edges.h"
#include "gate/replicate_checks.h"

namespace loopgate {
namespace {

// What is seen of a latency; nothing where the evidence gives bounds alone.
std::optional<double> seen_of(const Quantity& quantity, const GroupEvidence& group,
                              const Criteria& criteria) {
  if (quantity.kind == QuantityKind::quantile && criteria.count == CountUnit::replicates)
    return figure_of_middle_replicate(group, quantity);
  if (const auto& figures = group.summary.latency_with_not_sent) return quantity.figure(quantity, *figures);
  if (quantity.kind == QuantityKind::quantile || group.pooled->count() == 0) return std::nullopt;
  const LatencyRange smallest = group.pooled->min();
  const LatencyRange largest = group.pooled->max();
  if (largest.high_ns != largest.low_ns) return std::nullopt;
  if (quantity.kind == QuantityKind::extreme) return static_cast<double>(largest.low_ns);
  if (smallest.high_ns != smallest.low_ns) return std::nullopt;
  return static_cast<double>(largest.low_ns - smallest.low_ns);
}

// Of all, and by replicate.
struct Counted {
  CountedShare all;
  std::vector<ReplicateShare> replicates;
};

// ", 12 of them in one of 8 replicates (by chance in 0.01 %)".
std::string gathering_text(const std::vector<ReplicateShare>& replicates, double chance) {
  std::uint64_t fullest = 0;
  for (const ReplicateShare& each : replicates) fullest = std::max(fullest, each.above.least);
  return fmt::format(", {} of them in one of {} (by chance in {})", with_thousands(fullest),
                     replicates_text(replicates.size()), percent_text(std::max(chance, 1e-6)));
}

// What gathers in few replicates is of these and not of all: the bounds of all together hold neither way. It
// passes where both questions do, of all together and of each replicate by itself; all together alone cannot
// fail it.
void judge_gathered(const GroupEvidence& group, const Counted& counted, double share,
                    const Criteria& criteria, Check* check) {
  Check by_replicate = *check;
  judge_share_by_replicates(counted.replicates, counted.all.counted, share, criteria, &by_replicate);
  if (by_replicate.verdict != VerdictKind::pass) {
    *check = std::move(by_replicate);
    return;
  }
  Finding finding = find_share(counted.all, share, criteria.confidence, check);
  check->at_most.reset();
  if (finding.kept == Kept::no) {
    finding.kept = Kept::open;
    finding.why += "; more replicates would tell whether that is the kernel or a single replicate";
  } else if (finding.kept == Kept::yes) {
    // The bound of all is too kind where they gather, so that no number is told: both questions passed.
    finding.why = fmt::format("{}: all together they keep {}, and so does each replicate by itself",
                              counted.all.counted, percent_text(share));
  }
  conclude_finding(group.replicates.size(), finding, criteria, check);
}

// Does at most `share` of them exceed? Each replicate by itself where replicates are counted; all together
// else.
void judge_share(const GroupEvidence& group, Counted counted, double share, const Criteria& criteria,
                 Check* check) {
  if (criteria.count == CountUnit::replicates)
    return judge_share_by_replicates(counted.replicates, counted.all.counted, share, criteria, check);
  const double chance = chance_of_gathering(counted.replicates);
  if (chance < gathering_by_chance) {
    counted.all.counted += gathering_text(counted.replicates, chance);
    return judge_gathered(group, counted, share, criteria, check);
  }
  conclude_finding(group.replicates.size(), find_share(counted.all, share, criteria.confidence, check),
                   criteria, check);
}

Counted counted_above(const GroupEvidence& group, std::int64_t limit_ns, const Criteria& criteria) {
  const bool of_all = criteria.count == CountUnit::samples;
  return {
      {group.pooled->count_above(limit_ns), group.pooled->total(),
       of_all ? design_effect_above(group, limit_ns) : 1, exceeded_text(group, limit_ns, criteria.counted),
       criteria.counted, left_open(*group.pooled, limit_ns)},
      shares_above(group, limit_ns)};
}

// The least latency that is seen such that at most so many exceed it; not below `seen_ns`.
std::int64_t latency_at(const GroupEvidence& group, std::uint64_t above, std::int64_t seen_ns,
                        std::int64_t limit_ns) {
  std::int64_t least = std::min(seen_ns, limit_ns);
  std::int64_t most = limit_ns;
  while (least < most) {
    const std::int64_t middle = least + (most - least) / 2;
    if (group.pooled->count_above(middle).most <= above) {
      most = middle;
    } else {
      least = middle + 1;
    }
  }
  return most;
}

// The least latency that the evidence shows the quantile to be below, between what was seen and the limit,
// which it is known to keep. What is shown is not monotone in the latency, since slow ones may cluster or
// gather above one and be spread above a lower one: it is the least from which on every one that is tested,
// up to the limit, is kept. That is a test of one after another from the limit down to the first that fails,
// in 32 steps to the end of what was seen and then in ever smaller ones before the failure.
std::int64_t quantile_at_most(const GroupEvidence& group, std::int64_t seen_ns, std::int64_t limit_ns,
                              double share, double confidence) {
  const Clustering clustering(group);
  const auto kept_at = [&](std::int64_t latency_ns) {
    return chance_of_gathering(shares_above(group, latency_ns)) >= gathering_by_chance &&
           share_upper_bound(group.pooled->count_above(latency_ns).most, group.pooled->total().most,
                             confidence, clustering.design_effect_above(latency_ns)) <= share;
  };
  constexpr std::uint64_t steps = 32;
  std::uint64_t above = group.pooled->count_above(limit_ns).most;
  const std::uint64_t most = std::max(above, group.pooled->count_above(seen_ns).most);
  std::int64_t at_most_ns = latency_at(group, above, seen_ns, limit_ns);
  std::uint64_t step = most - above;
  while (step > 1) {
    step = std::max<std::uint64_t>(1, step / steps);
    while (above + step <= most) {
      const std::int64_t next_ns = latency_at(group, above + step, seen_ns, limit_ns);
      if (!kept_at(next_ns)) break;
      above += step;
      at_most_ns = next_ns;
    }
  }
  return at_most_ns;
}

// Of replicates that differ too much to be counted together there is no interval, but for each by itself.
void add_interval(const GroupEvidence& group, const Limit& limit, double share, const Criteria& criteria,
                  Check* check) {
  if (check->verdict != VerdictKind::pass || criteria.count != CountUnit::samples || !check->seen ||
      !group.pooled->exact() || chance_of_gathering(shares_above(group, limit.at_most)) < gathering_by_chance)
    return;
  check->at_most = static_cast<double>(quantile_at_most(group, static_cast<std::int64_t>(*check->seen),
                                                        limit.at_most, share, criteria.confidence.pass));
}

// A fact about all stimuli there were. What too few of them kept says little of the next (decision 0060).
void conclude_fact(const GroupEvidence& group, Finding finding, const Criteria& criteria, Check* check) {
  if (finding.kept == Kept::yes && group.pooled->total().least < criteria.min_stimuli) {
    finding.kept = Kept::open;
    finding.why += fmt::format("; {} in all would do (min_stimuli)",
                               counted_text(criteria.min_stimuli, criteria.counted));
    const std::size_t parts = criteria.count == CountUnit::replicates ? group.replicates.size() : 1;
    check->samples_needed = (criteria.min_stimuli + parts - 1) / std::max<std::size_t>(parts, 1);
  }
  conclude_finding(group.replicates.size(), finding, criteria, check);
}

// Every stimulus must be within the limit. What none of n says about the next ones is said, and not judged.
void judge_maximum(const GroupEvidence& group, std::int64_t limit_ns, const Criteria& criteria,
                   Check* check) {
  const CountRange above = group.pooled->count_above(limit_ns);
  Finding finding{kept_if(above.most == 0, above.least > 0),
                  exceeded_text(group, limit_ns, criteria.counted)};
  if (finding.kept == Kept::open) finding.why += "; " + left_open(*group.pooled, limit_ns);
  if (finding.kept == Kept::yes && criteria.count == CountUnit::samples) {
    const double upper = share_upper_bound(0, group.pooled->total().most, criteria.confidence.pass);
    finding.why += fmt::format(": at most {} at {} confidence", percent_text(upper),
                               percent_text(criteria.confidence.pass));
  }
  conclude_fact(group, finding, criteria, check);
}

LatencyRange spread_of(const LatencyRange& smallest, const LatencyRange& largest) {
  LatencyRange spread;
  if (smallest.high_ns) spread.low_ns = std::max<std::int64_t>(0, largest.low_ns - *smallest.high_ns);
  if (largest.high_ns) spread.high_ns = *largest.high_ns - smallest.low_ns;
  return spread;
}

// The spread of the latencies that there are; what is censored has no end.
void judge_spread(const GroupEvidence& group, std::int64_t limit_ns, const Criteria& criteria, Check* check) {
  const Tail& tail = *group.pooled;
  const CountRange censored = tail.censored();
  if (censored.least > 0) {
    const std::string why = fmt::format("{} had no answer, so the spread has no end",
                                        counted_text(censored.least, criteria.counted));
    return conclude_finding(group.replicates.size(), {Kept::no, why}, criteria, check);
  }
  if (tail.count() < 2)
    return conclude_finding(group.replicates.size(), {Kept::open, "a single latency has no spread"}, criteria,
                            check);
  const LatencyRange smallest = tail.min();
  const LatencyRange largest = tail.max();
  const LatencyRange spread = spread_of(smallest, largest);
  const bool surely_kept = censored.most == 0 && spread.high_ns && *spread.high_ns <= limit_ns;
  const bool surely_broken = spread.low_ns > limit_ns;
  const std::string seen =
      check->seen ? us_text(static_cast<std::int64_t>(*check->seen)) : range_text(spread);
  std::string why = fmt::format("{} between the fastest and the slowest of {}, {} allowed", seen,
                                counted_text(tail.count(), criteria.counted), limit_text(limit_ns));
  if (!surely_kept && !surely_broken) why += "; " + spread_left_open(tail, largest);
  conclude_fact(group, {kept_if(surely_kept, surely_broken), why}, criteria, check);
}

// Who reads "50 allowed" does not see that these are half of all. Empty below 1 % of them.
std::string generous_text(std::uint64_t allowed, const CountRange& total) {
  constexpr double generous = 0.01;
  const double share = total.least == 0 ? 0 : static_cast<double>(allowed) / static_cast<double>(total.least);
  if (share < generous) return {};
  return share >= 1 ? ", which are all" : fmt::format(", which are {} of all", percent_text(share));
}

Check check_count(const GroupEvidence& group, const Quantity& quantity, const Limit& limit,
                  const Criteria& criteria) {
  Check check =
      new_check(group, "budget", limit.quantity, quantity.unit(), static_cast<double>(limit.at_most));
  const auto counted = quantity.count(group);
  if (!counted) {
    conclude(&check, VerdictKind::invalid,
             group.not_counted.empty() ? "it was not counted" : group.not_counted);
    return check;
  }
  if (counted->exact()) check.seen = static_cast<double>(counted->least);
  const auto allowed = static_cast<std::uint64_t>(limit.at_most);
  Finding finding{
      kept_if(counted->most <= allowed, counted->least > allowed),
      fmt::format("{} {}, {} allowed{}", share_text(*counted, group.pooled->total(), criteria.counted),
                  quantity.fate, with_thousands(allowed), generous_text(allowed, group.pooled->total()))};
  if (!counted->exact() && group.summary.decisions)
    finding.why += "; " + unjudged_text(*group.summary.decisions);
  conclude_fact(group, finding, criteria, &check);
  return check;
}

Check check_latency(const GroupEvidence& group, const Quantity& quantity, const Limit& limit,
                    const Criteria& criteria) {
  Check check =
      new_check(group, "budget", limit.quantity, quantity.unit(), static_cast<double>(limit.at_most));
  check.seen = seen_of(quantity, group, criteria);
  if (quantity.kind == QuantityKind::quantile) {
    judge_share(group, counted_above(group, limit.at_most, criteria), quantity.share_above(), criteria,
                &check);
    add_interval(group, limit, quantity.share_above(), criteria, &check);
  }
  if (quantity.kind == QuantityKind::extreme) judge_maximum(group, limit.at_most, criteria, &check);
  if (quantity.kind == QuantityKind::spread) judge_spread(group, limit.at_most, criteria, &check);
  return check;
}

Check check_share(const GroupEvidence& group, const ExceedLimit& limit, const Criteria& criteria) {
  Check check = new_check(group, "budget", "above " + limit_text(limit.over_ns), "share", limit.max_fraction);
  const CountRange above = group.pooled->count_above(limit.over_ns);
  const CountRange total = group.pooled->total();
  if (criteria.count == CountUnit::replicates) {
    check.seen = share_of_middle_replicate(shares_above(group, limit.over_ns));
  } else if (above.exact() && total.exact()) {
    check.seen = static_cast<double>(above.least) / static_cast<double>(total.least);
  }
  judge_share(group, counted_above(group, limit.over_ns, criteria), limit.max_fraction, criteria, &check);
  return check;
}

}  // namespace

Check check_limit(const GroupEvidence& group, const Limit& limit, const Criteria& criteria) {
  const Quantity& quantity = *find_quantity(limit.quantity);  // a policy names no other
  return judge_beside_lost_edges(group, criteria, [&](const GroupEvidence& of) {
    if (quantity.kind == QuantityKind::count) return check_count(of, quantity, limit, criteria);
    return judge_guarded(limit.at_most, criteria.guard_band_ns, [&](std::int64_t at_most_ns) {
      return check_latency(of, quantity, {limit.quantity, at_most_ns}, criteria);
    });
  });
}

Check check_exceed(const GroupEvidence& group, const ExceedLimit& limit, const Criteria& criteria) {
  return judge_beside_lost_edges(group, criteria, [&](const GroupEvidence& of) {
    return judge_guarded(limit.over_ns, criteria.guard_band_ns, [&](std::int64_t over_ns) {
      ExceedLimit held = limit;
      held.over_ns = over_ns;
      return held.max_per_hour ? check_rate(of, held, criteria) : check_share(of, held, criteria);
    });
  });
}

Check check_wrong_fraction(const GroupEvidence& group, double max_fraction, const Criteria& criteria) {
  Check check = new_check(group, "budget", "wrong", "share", max_fraction);
  const auto& decisions = group.summary.decisions;
  const std::uint64_t judged = decisions ? decisions->judged() : 0;
  if (judged == 0 && decisions && decisions->unjudged > 0) {
    conclude_finding(group.replicates.size(), {Kept::open, unjudged_text(*decisions)}, criteria, &check);
    return check;
  }
  if (judged == 0) {
    conclude(&check, VerdictKind::invalid,
             group.not_counted.empty() ? "there is no decision to judge" : group.not_counted);
    return check;
  }
  // Any of those that nobody could judge may be wrong.
  Counted counted{{{decisions->wrong, decisions->wrong + decisions->unjudged},
                   judged + decisions->unjudged,
                   1,
                   fmt::format("{} of {} {} wrong", with_thousands(decisions->wrong), with_thousands(judged),
                               judged == 1 ? "decision" : "decisions") +
                       (decisions->unjudged > 0 ? "; " + unjudged_text(*decisions) : "")},
                  shares_wrong(group)};
  if (decisions->unjudged > 0)
    counted.all.left_open = "labels of the other pictures decide, or a run without these";
  check.seen = decisions->unjudged > 0 ? std::nullopt
               : criteria.count == CountUnit::replicates
                   ? share_of_middle_replicate(counted.replicates)
                   : static_cast<double>(decisions->wrong) / static_cast<double>(judged);
  judge_share(group, std::move(counted), max_fraction, criteria, &check);
  return check;
}

}  // namespace loopgate
