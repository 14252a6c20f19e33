#include "gate/checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "base/units.h"
#include "gate/check_parts.h"
#include "gate/confidence.h"
#include "gate/wall_checks.h"

namespace loopgate {
namespace {

// Whether at most `share` are like the `above` of `total`; `counted` says of what.
void conclude_share(const std::string& counted, std::uint64_t above, std::uint64_t total, double share,
                    double confidence, Check* check) {
  const double upper = share_upper_bound(above, total, confidence);
  const double lower = share_lower_bound(above, total, confidence);
  const std::string evidence = fmt::format("{}: at {} confidence", counted, percent_text(confidence));
  if (upper <= share) {
    conclude(
        check, VerdictKind::pass,
        fmt::format("{} at most {} are, and {} may be", evidence, percent_text(upper), percent_text(share)));
  } else if (lower > share) {
    conclude(
        check, VerdictKind::fail,
        fmt::format("{} at least {} are, and {} may be", evidence, percent_text(lower), percent_text(share)));
  } else {
    check->samples_needed = samples_to_decide(above, total, share, confidence);
    conclude(check, VerdictKind::inconclusive,
             fmt::format("{} from {} to {} are, and {} may be: {}", evidence, percent_text(lower),
                         percent_text(upper), percent_text(share),
                         check->samples_needed
                             ? fmt::format("about {} would decide", stimuli_text(*check->samples_needed))
                             : "no number of stimuli decides so close a case"));
  }
}

void judge_share(const GroupData& data, std::int64_t limit_ns, double share, double confidence,
                 Check* check) {
  conclude_share(evidence_text(data, limit_ns), data.latencies.count_above(limit_ns), data.latencies.total(),
                 share, confidence, check);
}

// Every stimulus must be within the limit. What none of n says about the next ones is told, and not judged.
// (In wall-clock time it is about boots that something is told, by require_boots().)
void judge_maximum(const GroupData& data, std::int64_t limit_ns, const Criteria& criteria, Check* check) {
  const std::string evidence = evidence_text(data, limit_ns);
  const bool above = data.latencies.count_above(limit_ns) > 0;
  if (above || criteria.time_base == TimeBase::wall_clock) {
    conclude(check, above ? VerdictKind::fail : VerdictKind::pass, evidence);
    return;
  }
  const double confidence = criteria.confidence;
  const double upper = share_upper_bound(0, data.latencies.total(), confidence);
  conclude(check, VerdictKind::pass,
           fmt::format("{}: at {} confidence at most {} are", evidence, percent_text(confidence),
                       percent_text(upper)));
}

void judge_jitter(const GroupData& data, std::int64_t limit_ns, Check* check) {
  if (data.latencies.censored > 0) {
    conclude(
        check, VerdictKind::fail,
        fmt::format("{} had no answer, so the spread has no end", stimuli_text(data.latencies.censored)));
    return;
  }
  const auto jitter_ns = static_cast<std::int64_t>(*check->seen);
  const bool within = jitter_ns <= limit_ns;
  conclude(check, within ? VerdictKind::pass : VerdictKind::fail,
           fmt::format("the {} spread over {}, and {} is allowed", stimuli_text(data.latencies.total()),
                       us_text(jitter_ns), limit_text(limit_ns)));
}

Check check_count(const GroupData& data, const Quantity& quantity, const Limit& limit) {
  Check check =
      new_check(data.group, "budget", limit.quantity, "stimuli", static_cast<double>(limit.at_most));
  const auto counted = quantity.count(data.group.summary);
  if (!counted) {
    conclude(&check, VerdictKind::invalid, "this suite's responses carry no decision");
    return check;
  }
  const std::uint64_t seen = *counted;
  check.seen = static_cast<double>(seen);
  const bool within = seen <= static_cast<std::uint64_t>(limit.at_most);
  conclude(&check, within ? VerdictKind::pass : VerdictKind::fail,
           fmt::format("{} of {} {} {}, and {} may be", seen == 0 ? "none" : with_thousands(seen),
                       stimuli_text(data.latencies.total()), seen == 1 ? "was" : "were", quantity.fate,
                       with_thousands(static_cast<std::uint64_t>(limit.at_most))));
  return check;
}

bool measured(const Group* group) {
  return group != nullptr && group->invalid.empty() && !group->cells.empty() &&
         group->summary.counts.scheduled > 0;
}

void judge_ratio(double figure_ns, double reference_ns, const RatioRule& rule, Check* check) {
  if (reference_ns > 0) check->seen = figure_ns / reference_ns;
  const bool within = figure_ns <= rule.max_ratio * reference_ns;
  conclude(check, within ? VerdictKind::pass : VerdictKind::fail,
           fmt::format("{} is {} against {} of {}{}, and {:.4g} of it is allowed (virtual time is exact)",
                       label_of(rule.quantity), us_text(static_cast<std::int64_t>(figure_ns)),
                       us_text(static_cast<std::int64_t>(reference_ns)), reference_name(rule),
                       check->seen ? fmt::format(", {:.4g} of it", *check->seen) : "", rule.max_ratio));
}

}  // namespace

Check check_limit(const GroupData& data, const Limit& limit, const Criteria& criteria) {
  const Quantity& quantity = *find_quantity(limit.quantity);  // a policy names no other
  if (quantity.kind == QuantityKind::count) {
    Check check = check_count(data, quantity, limit);
    require_boots(data, criteria, &check);
    return check;
  }
  Check check = new_check(data.group, "budget", limit.quantity, "ns", static_cast<double>(limit.at_most));
  const auto& figures = data.group.summary.latency_with_not_sent;
  if (figures) check.seen = figure(*figures, limit.quantity);
  if (quantity.kind == QuantityKind::quantile) {
    if (criteria.time_base == TimeBase::wall_clock) {
      check.seen = figure_of_middle_boot(data.group, limit.quantity);
      judge_share_of_boots(data, limit.at_most, quantity.share_above(), criteria, &check);
    } else {
      judge_share(data, limit.at_most, quantity.share_above(), criteria.confidence, &check);
    }
    return check;
  }
  if (quantity.kind == QuantityKind::extreme) judge_maximum(data, limit.at_most, criteria, &check);
  if (quantity.kind == QuantityKind::spread) judge_jitter(data, limit.at_most, &check);
  require_boots(data, criteria, &check);
  return check;
}

Check check_exceed(const GroupData& data, const ExceedLimit& limit, const Criteria& criteria) {
  Check check =
      new_check(data.group, "budget", "above " + limit_text(limit.over_ns), "share", limit.max_fraction);
  if (criteria.time_base == TimeBase::wall_clock) {
    check.seen = share_of_middle_boot(data, limit.over_ns);
    judge_share_of_boots(data, limit.over_ns, limit.max_fraction, criteria, &check);
    return check;
  }
  check.seen = static_cast<double>(data.latencies.count_above(limit.over_ns)) /
               static_cast<double>(data.latencies.total());
  judge_share(data, limit.over_ns, limit.max_fraction, criteria.confidence, &check);
  return check;
}

Check check_wrong_fraction(const GroupData& data, double max_fraction, const Criteria& criteria) {
  Check check = new_check(data.group, "budget", "wrong", "share", max_fraction);
  const auto& decisions = data.group.summary.decisions;
  const std::uint64_t judged = decisions ? decisions->count() - decisions->wrong_frame : 0;
  if (judged == 0) {
    conclude(&check, VerdictKind::invalid, "there is no decision to judge");
    return check;
  }
  check.seen = static_cast<double>(decisions->wrong) / static_cast<double>(judged);
  const std::string counted = fmt::format(
      "{} of {} {} {} wrong", decisions->wrong == 0 ? "none" : with_thousands(decisions->wrong),
      with_thousands(judged), judged == 1 ? "decision" : "decisions", decisions->wrong == 1 ? "was" : "were");
  conclude_share(counted, decisions->wrong, judged, max_fraction, criteria.confidence, &check);
  require_boots(data, criteria, &check);
  return check;
}

Check check_ratio(const Group& group, const Group* reference, const RatioRule& rule,
                  const Criteria& criteria) {
  const char* kind = rule.against.empty() ? "baseline" : "compare";
  Check check = new_check(group, kind, rule.quantity, "ratio", rule.max_ratio);
  check.against = rule.against;
  if (!measured(reference)) {
    const bool told = reference != nullptr && !reference->invalid.empty();
    conclude(&check, VerdictKind::invalid,
             fmt::format("{} is not measured, so there is nothing to compare with{}", reference_name(rule),
                         told ? ": " + reference->invalid.front().reason : ""));
    return check;
  }
  if (criteria.time_base == TimeBase::wall_clock) {
    judge_ratio_of_boots(group, *reference, rule, criteria.confidence, &check);
    return check;
  }
  const std::uint64_t least = std::min(group.summary.counts.scheduled, reference->summary.counts.scheduled);
  if (std::string problem = unresolved(group, *reference, least, rule, criteria.confidence, &check);
      !problem.empty()) {
    conclude(&check, VerdictKind::inconclusive, std::move(problem));
    return check;
  }
  const auto& figures = group.summary.latency_with_not_sent;
  const auto& reference_figures = reference->summary.latency_with_not_sent;
  const auto a = figures ? figure(*figures, rule.quantity) : std::nullopt;
  const auto b = reference_figures ? figure(*reference_figures, rule.quantity) : std::nullopt;
  if (!a || !b) {
    conclude(&check, VerdictKind::invalid, "there is no such figure");
  } else {
    judge_ratio(*a, *b, rule, &check);
  }
  return check;
}

}  // namespace loopgate
