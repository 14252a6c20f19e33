#include "gate/wall_checks.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/units.h"
#include "gate/check_parts.h"
#include "gate/confidence.h"
#include "gate/replicate_tally.h"

namespace loopgate {
namespace {

std::string boots_text(std::uint64_t boots) {
  return fmt::format("{} {}", with_thousands(boots), boots == 1 ? "boot" : "boots");
}

std::vector<ReplicateShare> shares_of(const std::vector<Latencies>& boots, std::int64_t limit_ns) {
  std::vector<ReplicateShare> shares;
  for (const Latencies& boot : boots) shares.push_back({boot.count_above(limit_ns), boot.total()});
  return shares;
}

// Of each boot; nothing when one has no such figure.
std::optional<std::vector<double>> figures_of_boots(const Group& group, const std::string& quantity) {
  std::vector<double> figures;
  for (const Boot& boot : group.boots) {
    const auto value =
        boot.latency_with_not_sent ? figure(*boot.latency_with_not_sent, quantity) : std::nullopt;
    if (!value) return std::nullopt;
    figures.push_back(*value);
  }
  return figures;
}

double middle_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[nearest_rank(values.size(), 500'000) - 1];
}

struct Stimuli {
  std::uint64_t least;
  std::uint64_t most;
};

// Of a boot of either.
Stimuli stimuli_of_boots(const Group& group, const Group& reference) {
  Stimuli stimuli = {group.boots.front().counts.scheduled, 0};
  for (const Group* each : {&group, &reference}) {
    for (const Boot& boot : each->boots) {
      stimuli.least = std::min(stimuli.least, boot.counts.scheduled);
      stimuli.most = std::max(stimuli.most, boot.counts.scheduled);
    }
  }
  return stimuli;
}

// The largest of more stimuli is larger.
std::string unequal_samples(const Stimuli& stimuli, const std::string& quantity) {
  const QuantityKind kind = find_quantity(quantity)->kind;
  const bool grows = kind == QuantityKind::extreme || kind == QuantityKind::spread;
  if (!grows || stimuli.least == stimuli.most) return {};
  return fmt::format("a {} of {} can't be held against one of {}: measure as many in each boot", quantity,
                     stimuli_text(stimuli.most), with_thousands(stimuli.least));
}

// "3 of 5 boots keep it, 1 does not, 1 is open": what the boots say, each by itself.
std::string tally_text(const ReplicateTally& tally) {
  std::string text = fmt::format("{} of {} {} it", tally.keep == 0 ? "none" : with_thousands(tally.keep),
                                 boots_text(tally.replicates()), tally.keep == 1 ? "keeps" : "keep");
  if (tally.miss > 0) text += fmt::format(", {} {} not", tally.miss, tally.miss == 1 ? "does" : "do");
  if (tally.open > 0)
    text += fmt::format(", {} {} too few stimuli to say", tally.open, tally.open == 1 ? "has" : "have");
  return text;
}

// About how many stimuli each of the open boots must have; nothing when one of them is too close a case.
std::optional<std::uint64_t> stimuli_for_open_boots(const std::vector<ReplicateShare>& boots, double share,
                                                    double confidence) {
  std::uint64_t needed = 0;
  for (const ReplicateShare& boot : boots) {
    if (tally_replicates({boot}, share, confidence).open == 0) continue;
    const auto of_boot = samples_to_decide(boot.above, boot.total, share, confidence);
    if (!of_boot) return std::nullopt;
    needed = std::max(needed, *of_boot);
  }
  return needed;
}

// What an undecided check needs: stimuli where the boots would be enough, boots where they would not, or
// both.
std::string ask_for_more(const std::vector<ReplicateShare>& boots, double share, const Criteria& criteria,
                         Check* check) {
  const ReplicateTally tally = tally_replicates(boots, share, criteria.confidence);
  const bool enough_boots =
      more_stimuli_could_decide(tally, criteria.min_replicate_fraction, criteria.confidence);
  if (tally.open > 0) check->samples_needed = stimuli_for_open_boots(boots, share, criteria.confidence);
  const std::string stimuli =
      check->samples_needed ? fmt::format("about {} in each boot", stimuli_text(*check->samples_needed)) : "";
  if (tally.open > 0 && enough_boots)
    return check->samples_needed ? stimuli + " would decide" : "no number of stimuli decides so close a case";
  check->replicates_needed =
      replicates_to_decide(tally, criteria.min_replicate_fraction, criteria.confidence);
  if (!check->replicates_needed) return "no number of boots decides so close a case";
  return fmt::format("{} (now {}){} would decide", boots_text(*check->replicates_needed), tally.replicates(),
                     stimuli.empty() ? "" : " with " + stimuli);
}

std::string percent_of_boots(std::uint64_t seen, std::uint64_t boots, double confidence) {
  return percent_text(replicate_fraction_lower_bound(seen, boots, confidence));
}

std::string too_few_to_compare(std::size_t ours, std::size_t theirs, const RatioRule& rule,
                               double confidence) {
  return fmt::format("{} against {} of {} give no exact interval at {} confidence, which takes {} of each",
                     boots_text(ours), boots_text(theirs), reference_name(rule), percent_text(confidence),
                     boots_text(replicates_to_compare(confidence)));
}

std::string ratio_text(const RatioInterval& interval, std::size_t ours, std::size_t theirs,
                       const RatioRule& rule, double confidence) {
  return fmt::format(
      "{} is {:.4g} of {}'s, from {:.4g} to {:.4g} at {} confidence ({} against {}), and {:.4g} is allowed",
      label_of(rule.quantity), interval.ratio, reference_name(rule), interval.low, interval.high,
      percent_text(confidence), boots_text(ours), boots_text(theirs), rule.max_ratio);
}

// One figure of each boot, above 0.
void judge_figures(const std::vector<double>& figures, const std::vector<double>& others,
                   const RatioRule& rule, double confidence, Check* check) {
  check->interval = ratio_interval(figures, others, confidence);
  std::string evidence = too_few_to_compare(figures.size(), others.size(), rule, confidence);
  if (const auto& interval = check->interval) {
    check->seen = interval->ratio;
    evidence = ratio_text(*interval, figures.size(), others.size(), rule, confidence);
    if (interval->high <= rule.max_ratio) return conclude(check, VerdictKind::pass, std::move(evidence));
    if (interval->low > rule.max_ratio) return conclude(check, VerdictKind::fail, std::move(evidence));
  }
  check->replicates_needed = replicates_to_decide_ratio(figures, others, rule.max_ratio, confidence);
  conclude(check, VerdictKind::inconclusive,
           fmt::format("{}: {}", evidence,
                       check->replicates_needed
                           ? fmt::format("{} of each would decide", boots_text(*check->replicates_needed))
                           : "no number of boots up to 50 decides so close a case"));
}

}  // namespace

std::optional<double> figure_of_middle_boot(const Group& group, const std::string& quantity) {
  const auto figures = figures_of_boots(group, quantity);
  if (!figures || figures->empty()) return std::nullopt;
  return middle_of(*figures);
}

double share_of_middle_boot(const GroupData& data, std::int64_t limit_ns) {
  std::vector<double> shares;
  for (const ReplicateShare& boot : shares_of(data.boots, limit_ns))
    shares.push_back(static_cast<double>(boot.above) / static_cast<double>(boot.total));
  return middle_of(std::move(shares));
}

void judge_share_of_boots(const GroupData& data, std::int64_t limit_ns, double share,
                          const Criteria& criteria, Check* check) {
  const std::vector<ReplicateShare> boots = shares_of(data.boots, limit_ns);
  const double confidence = criteria.confidence;
  const ReplicateTally tally = tally_replicates(boots, share, confidence);
  const VerdictKind verdict = judge_replicates(tally, criteria.min_replicate_fraction, confidence);
  const std::string evidence = fmt::format("{}, and {} may be: {}", evidence_text(data, limit_ns),
                                           percent_text(share), tally_text(tally));
  const std::string must = percent_text(criteria.min_replicate_fraction);
  if (verdict == VerdictKind::inconclusive) {
    const std::string more = ask_for_more(boots, share, criteria, check);
    conclude(check, verdict, fmt::format("{}; {} of all boots must: {}", evidence, must, more));
  } else {
    const bool pass = verdict == VerdictKind::pass;
    conclude(check, verdict,
             fmt::format("{}; at {} confidence at least {} of all boots {}, and {} must", evidence,
                         percent_text(confidence),
                         percent_of_boots(pass ? tally.keep : tally.miss, tally.replicates(), confidence),
                         pass ? "do" : "do not", must));
  }
}

void require_boots(const GroupData& data, const Criteria& criteria, Check* check) {
  if (criteria.time_base != TimeBase::wall_clock || check->verdict != VerdictKind::pass) return;
  const ReplicateTally tally = {data.boots.size(), 0, 0};
  const std::string evidence = fmt::format("{}, in {}", check->why, boots_text(tally.replicates()));
  if (judge_replicates(tally, criteria.min_replicate_fraction, criteria.confidence) == VerdictKind::pass) {
    conclude(check, VerdictKind::pass,
             fmt::format("{}: at {} confidence at least {} of all boots keep it, and {} must", evidence,
                         percent_text(criteria.confidence),
                         percent_of_boots(tally.keep, tally.replicates(), criteria.confidence),
                         percent_text(criteria.min_replicate_fraction)));
    return;
  }
  check->replicates_needed =
      replicates_to_decide(tally, criteria.min_replicate_fraction, criteria.confidence);
  conclude(check, VerdictKind::inconclusive,
           fmt::format("{}: too few to say that {} of all boots keep it: {}", evidence,
                       percent_text(criteria.min_replicate_fraction),
                       check->replicates_needed ? boots_text(*check->replicates_needed) + " would decide"
                                                : "no number of boots that this program counts would"));
}

void judge_ratio_of_boots(const Group& group, const Group& reference, const RatioRule& rule,
                          double confidence, Check* check) {
  const Stimuli stimuli = stimuli_of_boots(group, reference);
  std::string problem = unresolved(group, reference, stimuli.least, rule, confidence, check);
  if (check->samples_needed) problem += " in each boot";
  if (problem.empty()) problem = unequal_samples(stimuli, rule.quantity);
  if (!problem.empty()) return conclude(check, VerdictKind::inconclusive, std::move(problem));
  const auto figures = figures_of_boots(group, rule.quantity);
  const auto others = figures_of_boots(reference, rule.quantity);
  const auto positive = [](const std::vector<double>& values) {
    return std::all_of(values.begin(), values.end(), [](double value) { return value > 0; });
  };
  if (!figures || !others || !positive(*figures) || !positive(*others))
    return conclude(check, VerdictKind::invalid, "a boot has no such figure above 0, so there is no ratio");
  judge_figures(*figures, *others, rule, confidence, check);
}

}  // namespace loopgate
