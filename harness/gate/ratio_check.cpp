// check_ratio(): a kernel's figures against another kernel's, or a baseline's.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "base/units.h"
#include "gate/check_parts.h"
#include "gate/checks.h"
#include "gate/rank_sum.h"
#include "gate/replicate_checks.h"
#include "stats/resolution.h"

namespace loopgate {
namespace {

// One comparison: who is held against whom, by what.
struct Pair {
  const GroupEvidence& group;
  const GroupEvidence& reference;
  const RatioRule& rule;
  const Quantity& quantity;
  const Criteria& criteria;
};

std::string reference_name(const RatioRule& rule) {
  return rule.against.empty() ? "the baseline" : rule.against;
}

bool measured(const GroupEvidence* group) {
  return group != nullptr && group->invalid.empty() && !group->cells.empty() &&
         group->summary.counts.scheduled > 0;
}

struct Stimuli {
  std::uint64_t least;
  std::uint64_t most;
};

// Of what is counted: a replicate of either, or all that either measured.
Stimuli stimuli_of(const Pair& pair) {
  Stimuli stimuli = {UINT64_MAX, 0};
  const auto add = [&](std::uint64_t scheduled) {
    stimuli.least = std::min(stimuli.least, scheduled);
    stimuli.most = std::max(stimuli.most, scheduled);
  };
  for (const GroupEvidence* each : {&pair.group, &pair.reference}) {
    if (pair.criteria.count == CountUnit::samples) add(each->summary.counts.scheduled);
    if (pair.criteria.count == CountUnit::replicates)
      for (const Replicate& replicate : each->replicates) add(replicate.counts.scheduled);
  }
  return stimuli;
}

// Why the figures can't be held against each other; empty when they can.
std::string unresolved(const Pair& pair, Check* check) {
  const std::uint64_t unanswered =
      pair.group.summary.counts.unanswered + pair.reference.summary.counts.unanswered;
  if (unanswered > 0)
    return fmt::format("{} had no answer, so the figures are incomplete", stimuli_text(unanswered));
  const bool replicates = pair.criteria.count == CountUnit::replicates;
  const Stimuli stimuli = stimuli_of(pair);
  if (pair.quantity.kind == QuantityKind::quantile) {
    // Fewer have no such figure, however little confidence the policy asks for.
    const double confidence = std::max(pair.criteria.confidence, shown_confidence);
    const std::uint64_t needed = samples_to_resolve(pair.quantity.share_above(), confidence);
    if (stimuli.least >= needed) return {};
    check->samples_needed = needed;
    return fmt::format("{} do not resolve {} at {} confidence: {} needed{}", stimuli_text(stimuli.least),
                       pair.quantity.label, percent_text(confidence), with_thousands(needed),
                       replicates ? " in each replicate" : "");
  }
  // The largest of more stimuli is larger.
  const bool grows = pair.quantity.kind != QuantityKind::moment;
  if (!replicates || !grows || stimuli.least == stimuli.most) return {};
  return fmt::format("a {} of {} can't be held against one of {}: measure as many in each replicate",
                     pair.quantity.label, stimuli_text(stimuli.most), with_thousands(stimuli.least));
}

std::string too_few_text(std::size_t ours, std::size_t theirs, const Pair& pair) {
  const double confidence = pair.criteria.confidence;
  return fmt::format("{} against {} of {}: no exact interval at {} confidence, which takes {} of each",
                     replicates_text(ours), theirs, reference_name(pair.rule), percent_text(confidence),
                     replicates_text(replicates_to_compare(confidence)));
}

std::string interval_text(const RatioInterval& interval, std::size_t ours, std::size_t theirs,
                          const Pair& pair) {
  return fmt::format(
      "{} is {:.4g} of {}'s, from {:.4g} to {:.4g} at {} confidence ({} against {}), {:.4g} allowed",
      pair.quantity.label, interval.ratio, reference_name(pair.rule), interval.low, interval.high,
      percent_text(pair.criteria.confidence), replicates_text(ours), theirs, pair.rule.max_ratio);
}

// One figure of each replicate, above 0.
void judge_figures(const std::vector<double>& figures, const std::vector<double>& others, const Pair& pair,
                   Check* check) {
  const double limit = pair.rule.max_ratio;
  check->interval = ratio_interval(figures, others, pair.criteria.confidence);
  std::string evidence = too_few_text(figures.size(), others.size(), pair);
  if (const auto& interval = check->interval) {
    check->seen = interval->ratio;
    evidence = interval_text(*interval, figures.size(), others.size(), pair);
    if (interval->high <= limit) return conclude(check, VerdictKind::pass, std::move(evidence));
    if (interval->low > limit) return conclude(check, VerdictKind::fail, std::move(evidence));
  }
  check->replicates_needed = replicates_to_decide_ratio(figures, others, limit, pair.criteria.confidence);
  conclude(
      check, VerdictKind::inconclusive,
      fmt::format("{}: {}", evidence,
                  check->replicates_needed
                      ? fmt::format("{} of each would decide", replicates_text(*check->replicates_needed))
                      : "no number of replicates up to 50 decides so close a case"));
}

void judge_by_replicates(const Pair& pair, Check* check) {
  const auto figures = figures_of_replicates(pair.group, pair.quantity);
  const auto others = figures_of_replicates(pair.reference, pair.quantity);
  const auto positive = [](const std::vector<double>& values) {
    return std::all_of(values.begin(), values.end(), [](double value) { return value > 0; });
  };
  if (!figures || !others || !positive(*figures) || !positive(*others))
    return conclude(check, VerdictKind::invalid,
                    "a replicate has no such figure above 0, so there is no ratio");
  judge_figures(*figures, *others, pair, check);
}

void judge_exactly(const Pair& pair, Check* check) {
  const auto& figures = pair.group.summary.latency_with_not_sent;
  const auto& others = pair.reference.summary.latency_with_not_sent;
  const auto figure = figures ? pair.quantity.figure(pair.quantity, *figures) : std::nullopt;
  const auto other = others ? pair.quantity.figure(pair.quantity, *others) : std::nullopt;
  if (!figure || !other) return conclude(check, VerdictKind::invalid, "there is no such figure");
  const double ours = *figure;
  const double theirs = *other;
  if (theirs > 0) check->seen = ours / theirs;
  const std::string against =
      fmt::format("{}'s {}", reference_name(pair.rule), us_text(static_cast<std::int64_t>(theirs)));
  const bool within = ours <= pair.rule.max_ratio * theirs;
  conclude(check, within ? VerdictKind::pass : VerdictKind::fail,
           fmt::format("{} is {}, {} {}; {:.4g} of it is allowed (virtual time is exact)",
                       pair.quantity.label, us_text(static_cast<std::int64_t>(ours)),
                       check->seen ? fmt::format("{:.4g} of", *check->seen) : "against", against,
                       pair.rule.max_ratio));
}

}  // namespace

Check check_ratio(const GroupEvidence& group, const GroupEvidence* reference, const RatioRule& rule,
                  const Criteria& criteria) {
  const char* kind = rule.against.empty() ? "baseline" : "compare";
  Check check = new_check(group, kind, rule.quantity, "ratio", rule.max_ratio);
  check.against = rule.against;
  if (!measured(reference)) {
    const bool has_reason = reference != nullptr && !reference->invalid.empty();
    conclude(&check, VerdictKind::invalid,
             fmt::format("{} is not measured, so there is nothing to compare with{}", reference_name(rule),
                         has_reason ? ": " + reference->invalid.front().reason : ""));
    return check;
  }
  const Pair pair{group, *reference, rule, *find_quantity(rule.quantity), criteria};
  if (std::string problem = unresolved(pair, &check); !problem.empty()) {
    conclude(&check, VerdictKind::inconclusive, std::move(problem));
  } else if (criteria.count == CountUnit::replicates) {
    judge_by_replicates(pair, &check);
  } else {
    judge_exactly(pair, &check);
  }
  return check;
}

}  // namespace loopgate
