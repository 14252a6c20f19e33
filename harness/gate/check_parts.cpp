#include "gate/check_parts.h"

#include <fmt/format.h>

#include <cmath>
#include <utility>

#include "base/text.h"
#include "base/units.h"
#include "gate/confidence.h"
#include "gate/replicate_tally.h"

namespace loopgate {
namespace {

std::string range_text(const CountRange& range) {
  if (range.exact()) return with_thousands(range.least);
  return fmt::format("{} to {}", with_thousands(range.least), with_thousands(range.most));
}

std::string share_count_text(const CountedShare& of) {
  return fmt::format("{} {}", range_text(of.total), of.total == CountRange(1) ? of.noun.one : of.noun.many);
}

double share_of(std::uint64_t above, std::uint64_t total) {
  return static_cast<double>(above) / static_cast<double>(total);
}

// About how many stimuli would decide; nothing where no number does, or where it is the instrument's bounds
// that leave it open.
std::optional<std::uint64_t> stimuli_to_decide(const CountedShare& counted, double share,
                                               const Confidence& confidence) {
  const auto decided_by = [&](std::uint64_t exceeding, std::uint64_t count, double sure) {
    const auto independent = [&](std::uint64_t number) {
      return static_cast<std::uint64_t>(std::llround(static_cast<double>(number) / counted.design_effect));
    };
    auto needed = samples_to_decide(independent(exceeding), independent(count), share, sure);
    if (needed)
      *needed = static_cast<std::uint64_t>(std::ceil(static_cast<double>(*needed) * counted.design_effect));
    return needed;
  };
  const CountRange& above = counted.above;
  const CountRange& total = counted.total;
  if (share_of(above.most, total.most) < share) return decided_by(above.most, total.most, confidence.pass);
  if (share_of(above.least, total.least) > share)
    return decided_by(above.least, total.least, confidence.fail);
  return std::nullopt;
}

// Nothing where each stimulus is by itself.
std::string cluster_text(double design_effect) {
  return design_effect < 1.05
             ? ""
             : fmt::format(" (slow ones come in clusters: {} count as one)",
                           design_effect < 100
                               ? fmt::format("{:.2g}", design_effect)
                               : with_thousands(static_cast<std::uint64_t>(std::llround(design_effect))));
}

std::string ends_text(std::int64_t end_ns) {
  return fmt::format(
      "its histogram ends at {}, and how far those beyond it are is not known -> have a longer one measured",
      duration_text(end_ns));
}

}  // namespace

std::string left_open(const Tail& tail, std::int64_t limit_ns) {
  const auto end_ns = tail.open_beyond(limit_ns);
  if (!end_ns)
    return "its histogram leaves it open -> take a limit at the edge of a bin, or have finer bins measured";
  return ends_text(*end_ns) + (limit_ns < *end_ns ? "" : ", or take a limit below that");
}

std::string spread_left_open(const Tail& tail, const LatencyRange& largest) {
  const auto end_ns = largest.high_ns ? std::nullopt : tail.open_beyond(largest.low_ns);
  return end_ns ? ends_text(*end_ns) : "its histogram leaves it open -> have finer bins measured";
}

Check new_check(const GroupEvidence& group, const char* rule, const std::string& quantity, const char* unit,
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

Kept kept_if(bool surely_kept, bool surely_broken) {
  if (surely_kept) return Kept::yes;
  return surely_broken ? Kept::no : Kept::open;
}

Finding find_share(const CountedShare& of, double share, const Confidence& confidence, Check* check) {
  const CountRange& above = of.above;
  const CountRange& total = of.total;
  const double effect = of.design_effect;
  const double upper = share_upper_bound(above.most, total.most, confidence.pass, effect);
  const double lower =
      total.least == 0 ? 0 : share_lower_bound(above.least, total.least, confidence.fail, effect);
  const std::string counted = of.counted + cluster_text(effect);
  const Kept kept = kept_if(upper <= share, lower > share);
  const auto allowed = [&](double sure) {
    return fmt::format("at {} confidence, {} allowed", percent_text(sure), percent_text(share));
  };
  check->counted = share_count_text(of);
  if (kept == Kept::yes && check->unit == "share") check->at_most = upper;
  if (kept == Kept::yes)
    return {kept, fmt::format("{}: at most {} {}", counted, percent_text(upper), allowed(confidence.pass))};
  if (kept == Kept::no)
    return {kept, fmt::format("{}: at least {} {}", counted, percent_text(lower), allowed(confidence.fail))};
  if (total.least > 0) check->samples_needed = stimuli_to_decide(of, share, confidence);
  std::string more = fmt::format("no number of {} decides so close a case", of.noun.many);
  if (!above.exact()) more = of.left_open;
  if (check->samples_needed)
    more = fmt::format("about {} would decide", counted_text(*check->samples_needed, of.noun));
  return {kept, fmt::format("{}: {} to {} {}; {}", counted, percent_text(lower), percent_text(upper),
                            allowed(confidence.pass), more)};
}

void conclude_finding(std::size_t replicates, const Finding& finding, const Criteria& criteria,
                      Check* check) {
  if (finding.kept == Kept::no) return conclude(check, VerdictKind::fail, finding.why);
  if (finding.kept == Kept::open) return conclude(check, VerdictKind::inconclusive, finding.why);
  if (criteria.count == CountUnit::samples) return conclude(check, VerdictKind::pass, finding.why);
  const ReplicateTally tally = {replicates, 0, 0};
  const std::string evidence = fmt::format("{}, in {}", finding.why, replicates_text(tally.replicates()));
  const std::string required = percent_text(criteria.min_replicate_fraction);
  if (judge_replicates(tally, criteria.min_replicate_fraction, criteria.confidence) == VerdictKind::pass) {
    const double fraction = replicate_fraction_lower_bound(
        tally.keep, tally.replicates(), criteria.confidence.pass, criteria.confidence.pass);
    conclude(check, VerdictKind::pass,
             fmt::format("{}: at least {} of all replicates keep it at {} confidence, {} required", evidence,
                         percent_text(fraction), percent_text(criteria.confidence.pass), required));
    return;
  }
  check->replicates_needed =
      replicates_to_decide(tally, criteria.min_replicate_fraction, criteria.confidence);
  conclude(check, VerdictKind::inconclusive,
           fmt::format("{}: too few to show that {} of all replicates keep it; {}", evidence, required,
                       check->replicates_needed ? replicates_text(*check->replicates_needed) + " would decide"
                                                : "no number of replicates up to 1,000 would decide"));
}

std::string exceeded_text(const GroupEvidence& group, std::int64_t limit_ns, const Noun& noun) {
  const Tail& tail = *group.pooled;
  std::string text = fmt::format("{} exceeded {}", share_text(tail.count_above(limit_ns), tail.total(), noun),
                                 limit_text(limit_ns));
  if (!tail.exact()) return text;
  const std::uint64_t unanswered = group.summary.counts.unanswered;
  const std::uint64_t not_sent = tail.not_sent_above(limit_ns);
  if (not_sent + unanswered > 0)
    text +=
        fmt::format(" ({} not sent, {} unanswered)", with_thousands(not_sent), with_thousands(unanswered));
  return text;
}

std::string share_text(const CountRange& count, const CountRange& total, const Noun& noun) {
  return fmt::format("{} of {} {}", range_text(count), range_text(total),
                     total == CountRange(1) ? noun.one : noun.many);
}

std::string replicates_text(std::uint64_t replicates) {
  return fmt::format("{} {}", with_thousands(replicates), replicates == 1 ? "replicate" : "replicates");
}

}  // namespace loopgate
