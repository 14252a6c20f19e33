// check_ratio(): a kernel's figures against another kernel's, or a baseline's, replicate by replicate.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/text.h"
#include "base/units.h"
#include "gate/check_parts.h"
#include "gate/checks.h"
#include "gate/rank_sum.h"
#include "gate/replicate_checks.h"
#include "gate/worst_case_check.h"
#include "stats/resolution.h"
#include "stats/same_kernels.h"

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

// In a replicate.
struct Stimuli {
  std::uint64_t least;
  std::uint64_t most;
};

// Of the replicates of both.
Stimuli stimuli_of(const Pair& pair) {
  Stimuli stimuli = {UINT64_MAX, 0};
  for (const GroupEvidence* each : {&pair.group, &pair.reference}) {
    for (const Replicate& replicate : each->replicates) {
      stimuli.least = std::min(stimuli.least, replicate.counts.scheduled);
      stimuli.most = std::max(stimuli.most, replicate.counts.scheduled);
    }
  }
  return stimuli;
}

// Why the figures can't be held against each other; empty when they can.
std::string unresolved(const Pair& pair, Check* check) {
  const std::uint64_t unanswered =
      pair.group.summary.counts.unanswered + pair.reference.summary.counts.unanswered;
  if (unanswered > 0)
    return fmt::format("{} had no answer, so the figures are incomplete", stimuli_text(unanswered));
  const double confidence = pair.criteria.confidence.pass;
  const Stimuli stimuli = stimuli_of(pair);
  if (pair.quantity.has_rank()) {
    // Fewer have no such figure, however little confidence the policy asks for.
    const std::uint64_t needed =
        samples_to_resolve(pair.quantity.share_above(), std::max(confidence, shown_confidence));
    if (stimuli.least >= needed) return {};
    check->samples_needed = needed;
    return fmt::format("{} do not resolve {} at {} confidence: {} needed in each replicate",
                       stimuli_text(stimuli.least), pair.quantity.label,
                       percent_text(std::max(confidence, shown_confidence)), with_thousands(needed));
  }
  // The largest of more stimuli is larger.
  const bool grows = pair.quantity.kind != QuantityKind::moment;
  if (!grows || stimuli.least == stimuli.most) return {};
  return fmt::format("a {} of {} can't be held against one of {}: measure as many in each replicate",
                     pair.quantity.label, stimuli_text(stimuli.most), with_thousands(stimuli.least));
}

std::string too_few_text(std::size_t ours, std::size_t theirs, const Pair& pair) {
  const double confidence = pair.criteria.confidence.pass;
  return fmt::format("{} against {} of {}: no exact interval at {} confidence, which takes {} of each",
                     replicates_text(ours), theirs, reference_name(pair.rule), percent_text(confidence),
                     replicates_text(replicates_to_compare(confidence)));
}

// " (1.1 pooled)": the table above the verdict has pooled figures. Nothing where these give the same ratio.
std::string pooled_text(const RatioInterval& interval, const Pair& pair) {
  const auto of = [&](const GroupEvidence& group) {
    const auto& figures = group.summary.latency_with_not_sent;
    return figures ? pair.quantity.figure(pair.quantity, *figures) : std::nullopt;
  };
  const auto ours = of(pair.group);
  const auto theirs = of(pair.reference);
  if (!ours || !theirs || *theirs <= 0) return {};
  const std::string pooled = fmt::format("{:.4g}", *ours / *theirs);
  return pooled == fmt::format("{:.4g}", interval.ratio) ? "" : fmt::format(" ({} pooled)", pooled);
}

std::string interval_text(const RatioInterval& interval, std::size_t ours, std::size_t theirs,
                          const Pair& pair) {
  return fmt::format(
      "{} is {:.4g} of {}'s by the median of replicates{}, from {:.4g} to {:.4g} at {} confidence ({} "
      "against "
      "{}), {:.4g} allowed",
      pair.quantity.label, interval.ratio, reference_name(pair.rule), pooled_text(interval, pair),
      interval.low, interval.high, percent_text(pair.criteria.confidence.pass), replicates_text(ours), theirs,
      pair.rule.max_ratio);
}

// The limit is outside of the interval at the confidence of one question, and inside at that of all.
std::string not_sure_text(const Confidence& confidence) {
  return fmt::format(" (above it, but not at the {} confidence that one of several questions takes)",
                     percent_text(confidence.fail));
}

// One figure of each replicate, above 0.
void judge_figures(const std::vector<double>& figures, const std::vector<double>& others, const Pair& pair,
                   Check* check) {
  const double limit = pair.rule.max_ratio;
  const Confidence& confidence = pair.criteria.confidence;
  check->interval = ratio_interval(figures, others, confidence.pass);
  const auto wider = ratio_interval(figures, others, confidence.fail);
  std::string evidence = too_few_text(figures.size(), others.size(), pair);
  double asked = confidence.pass;
  if (const auto& interval = check->interval) {
    check->seen = interval->ratio;
    evidence = interval_text(*interval, figures.size(), others.size(), pair);
    if (interval->high <= limit) return conclude(check, VerdictKind::pass, std::move(evidence));
    if (wider && wider->low > limit) return conclude(check, VerdictKind::fail, std::move(evidence));
    if (interval->low > limit) evidence += not_sure_text(confidence);
    if (interval->ratio > limit) asked = confidence.fail;
  }
  check->replicates_needed = replicates_to_decide_ratio(figures, others, limit, asked);
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

// Whether all that decides a trajectory is the same for both, replicate by replicate.
bool identical_inputs(const Pair& pair) {
  if (pair.group.replicates.empty()) return false;
  return std::ranges::equal(
      pair.group.replicates, pair.reference.replicates, [](const Replicate& ours, const Replicate& theirs) {
        return !ours.inputs_sha256.empty() && !ours.samples_sha256.empty() &&
               !theirs.samples_sha256.empty() && ours.inputs_sha256 == theirs.inputs_sha256;
      });
}

// Then there is nothing for statistics to say: virtual time repeats, or the bench is broken.
void judge_identical(const Pair& pair, Check* check) {
  const auto unequal = std::ranges::mismatch(
      pair.group.replicates, pair.reference.replicates,
      [](const Replicate& a, const Replicate& b) { return a.samples_sha256 == b.samples_sha256; });
  const std::string inputs =
      fmt::format("identical inputs: kernel, image, load, payload, board and seeds of {}",
                  replicates_text(pair.group.replicates.size()));
  if (unequal.in1 != pair.group.replicates.end())
    return conclude(
        check, VerdictKind::invalid,
        fmt::format("{} gave other samples in {}: the bench did not repeat", inputs, unequal.in1->cell));
  check->seen = 1;
  check->certain = true;
  conclude(check, pair.rule.max_ratio >= 1 ? VerdictKind::pass : VerdictKind::fail,
           fmt::format("{}, and identical samples, to the nanosecond: the ratio is 1, at most {:.6g} allowed",
                       inputs, pair.rule.max_ratio));
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
  if (find_worst_case_quantity(rule.quantity) != nullptr) {
    judge_worst_case_ratio(group, *reference, rule, &check);
    return check;
  }
  const Pair pair{group, *reference, rule, *find_quantity(rule.quantity), criteria};
  if (identical_inputs(pair)) {
    judge_identical(pair, &check);
  } else if (!rule.against.empty() && rule.max_ratio >= 1 && is_same_kernel(group, *reference)) {
    check.certain = true;
    conclude(
        &check, VerdictKind::pass,
        fmt::format("no difference to show: {} and {} are the same kernel, with equal image, arguments in "
                    "effect and tuning",
                    group.kernel, reference->kernel));
  } else if (std::string problem = unresolved(pair, &check); !problem.empty()) {
    conclude(&check, VerdictKind::inconclusive, std::move(problem));
  } else {
    judge_by_replicates(pair, &check);
  }
  return check;
}

}  // namespace loopgate
