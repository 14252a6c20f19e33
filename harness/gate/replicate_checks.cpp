#include "gate/replicate_checks.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "base/units.h"
#include "gate/check_parts.h"
#include "gate/confidence.h"
#include "gate/replicate_tally.h"

namespace loopgate {
namespace {

double middle_of(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[nearest_rank(values.size(), 500'000) - 1];
}

// "3 of 5 replicates keep it, 1 does not, 1 has too few stimuli to say": each by itself.
std::string tally_text(const ReplicateTally& tally, const Noun& noun) {
  std::string text = fmt::format("{} of {} {} it", with_thousands(tally.keep),
                                 replicates_text(tally.replicates()), tally.keep == 1 ? "keeps" : "keep");
  if (tally.miss > 0) text += fmt::format(", {} {} not", tally.miss, tally.miss == 1 ? "does" : "do");
  if (tally.open > 0)
    text += fmt::format(", {} {} too few {} to say", tally.open, tally.open == 1 ? "has" : "have", noun.many);
  return text;
}

// About how many stimuli each of the open replicates must have; nothing when one of them is too close a case.
std::optional<std::uint64_t> stimuli_for_open_ones(const std::vector<ReplicateShare>& replicates,
                                                   double share, double confidence) {
  std::uint64_t needed = 0;
  for (const ReplicateShare& each : replicates) {
    if (tally_replicates({each}, share, confidence).open == 0) continue;
    if (!each.above.exact() || !each.total.exact()) return std::nullopt;  // a finer instrument would decide
    const auto of_this = samples_to_decide(each.above.least, each.total.least, share, confidence);
    if (!of_this) return std::nullopt;
    needed = std::max(needed, *of_this);
  }
  return needed;
}

// What an undecided check needs: stimuli where the replicates would be enough, replicates where they would
// not, or both.
std::string ask_for_more(const std::vector<ReplicateShare>& replicates, double share,
                         const Criteria& criteria, Check* check) {
  const double fraction = criteria.min_replicate_fraction;
  const ReplicateTally tally = tally_replicates(replicates, share, criteria.confidence.pass);
  const bool enough = more_stimuli_could_decide(tally, fraction, criteria.confidence);
  if (tally.open > 0)
    check->samples_needed = stimuli_for_open_ones(replicates, share, criteria.confidence.pass);
  const std::string stimuli =
      check->samples_needed
          ? fmt::format("about {} in each replicate", counted_text(*check->samples_needed, criteria.counted))
          : "";
  if (tally.open > 0 && enough)
    return check->samples_needed
               ? stimuli + " would decide"
               : fmt::format("no number of {} decides so close a case", criteria.counted.many);
  check->replicates_needed = replicates_to_decide(tally, fraction, criteria.confidence);
  if (!check->replicates_needed) return "no number of replicates decides so close a case";
  return fmt::format("{} (now {}){} would decide", replicates_text(*check->replicates_needed),
                     tally.replicates(), stimuli.empty() ? "" : " with " + stimuli);
}

}  // namespace

std::optional<std::vector<double>> figures_of_replicates(const GroupEvidence& group,
                                                         const Quantity& quantity) {
  std::vector<double> figures;
  for (const Replicate& replicate : group.replicates) {
    if (!replicate.latency_with_not_sent) return std::nullopt;
    const auto figure = quantity.figure(quantity, *replicate.latency_with_not_sent);
    if (!figure) return std::nullopt;
    figures.push_back(*figure);
  }
  return figures;
}

std::optional<double> figure_of_middle_replicate(const GroupEvidence& group, const Quantity& quantity) {
  const auto figures = figures_of_replicates(group, quantity);
  if (!figures || figures->empty()) return std::nullopt;
  return middle_of(*figures);
}

std::vector<ReplicateShare> shares_above(const GroupEvidence& group, std::int64_t limit_ns) {
  std::vector<ReplicateShare> shares;
  for (const Replicate& replicate : group.replicates)
    shares.push_back({replicate.tail->count_above(limit_ns), replicate.tail->total()});
  return shares;
}

std::vector<ReplicateShare> shares_wrong(const GroupEvidence& group) {
  std::vector<ReplicateShare> shares;
  for (const Replicate& replicate : group.replicates) {
    const DecisionCounts decisions = replicate.decisions.value_or(DecisionCounts());
    shares.push_back(
        {{decisions.wrong, decisions.wrong + decisions.unjudged}, decisions.judged() + decisions.unjudged});
  }
  return shares;
}

std::optional<double> share_of_middle_replicate(const std::vector<ReplicateShare>& replicates) {
  std::vector<double> shares;
  for (const ReplicateShare& each : replicates) {
    if (!each.above.exact() || !each.total.exact() || each.total.least == 0) return std::nullopt;
    shares.push_back(static_cast<double>(each.above.least) / static_cast<double>(each.total.least));
  }
  if (shares.empty()) return std::nullopt;
  return middle_of(std::move(shares));
}

void judge_share_by_replicates(const std::vector<ReplicateShare>& replicates, const std::string& counted,
                               double share, const Criteria& criteria, Check* check) {
  const Confidence& confidence = criteria.confidence;
  const ReplicateTally tally = tally_replicates(replicates, share, confidence.pass);
  const VerdictKind verdict = judge_replicates(tally, criteria.min_replicate_fraction, confidence);
  const std::string evidence =
      fmt::format("{}, {} allowed: {}", counted, percent_text(share), tally_text(tally, criteria.counted));
  const std::string required = percent_text(criteria.min_replicate_fraction);
  if (verdict == VerdictKind::inconclusive) {
    const std::string more = ask_for_more(replicates, share, criteria, check);
    conclude(check, verdict, fmt::format("{}; {} of all replicates must: {}", evidence, required, more));
    return;
  }
  const bool pass = verdict == VerdictKind::pass;
  const double sure = pass ? confidence.pass : confidence.fail;
  const double bound = replicate_fraction_lower_bound(pass ? tally.keep : tally.miss, tally.replicates(),
                                                      sure, confidence.pass);
  conclude(check, verdict,
           fmt::format("{}; at least {} of all replicates {} at {} confidence, {} must", evidence,
                       percent_text(bound), pass ? "do" : "do not", percent_text(sure), required));
}

}  // namespace loopgate
