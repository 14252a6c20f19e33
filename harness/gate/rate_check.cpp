// How often by the hour a latency is exceeded.
#include <fmt/format.h>

#include <algorithm>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <optional>

#include "base/text.h"
#include "base/units.h"
#include "extremes/clusters.h"
#include "gate/check_parts.h"
#include "gate/checks.h"
#include "gate/clustering.h"
#include "gate/gathering.h"
#include "gate/number_text.h"
#include "gate/replicate_checks.h"

namespace loopgate {
namespace {

// From a stimulus to the next, as many times as there are stimuli.
double hours_of(const Course& course) {
  const auto count = static_cast<double>(course.latency_ns.size());
  if (count < 2) return 0;
  return static_cast<double>(course.due.last_ns - course.due.block_begin_ns[0]) * count / (count - 1) /
         ns_of_hour;
}

// What is asked of the group, in numbers.
struct Rate {
  InOrder in_order;
  double hours = 0;
  double allowed = 0;        // in these hours
  std::uint64_t above = 0;   // stimuli
  double design_effect = 1;  // of the stimuli above, and of how replicates differ in their number
  bool gathers = false;      // in few replicates
};

std::optional<Rate> rate_of(const GroupEvidence& group, const ExceedLimit& limit) {
  Rate rate;
  rate.in_order = in_order(group);
  if (rate.in_order.empty()) return std::nullopt;
  for (const Replicate& each : group.replicates) rate.hours += hours_of(*each.course);
  if (rate.hours <= 0) return std::nullopt;
  rate.allowed = *limit.max_per_hour * rate.hours;
  rate.above = group.pooled->count_above(limit.over_ns).least;
  const std::vector<ReplicateShare> shares = shares_above(group, limit.over_ns);
  rate.design_effect = std::max(design_effect_above(group, limit.over_ns), dispersion_above(shares));
  rate.gathers = chance_of_gathering(shares) < gathering_by_chance;
  return rate;
}

// Bounds of the mean of a Poisson number (Garwood 1936, Biometrika 28), in stimuli: those that come in
// clusters say as much as so many times fewer.
double lower_of(const Rate& rate, double confidence) {
  if (rate.above == 0) return 0;
  const double events = static_cast<double>(rate.above) / rate.design_effect;
  return boost::math::gamma_p_inv(events, 1 - confidence) * rate.design_effect;
}

double upper_of(const Rate& rate, double confidence) {
  const double events = static_cast<double>(rate.above) / rate.design_effect;
  return boost::math::gamma_p_inv(events + 1, confidence) * rate.design_effect;
}

std::string time_text(double hours) {
  const double seconds = hours * 3'600;
  if (seconds < 120) return fmt::format("{:.3g} s", seconds);
  if (hours < 2) return fmt::format("{:.3g} min", seconds / 60);
  return fmt::format("{} h", hours < 1'000 ? fmt::format("{:.3g}", hours)
                                           : with_thousands(static_cast<std::uint64_t>(std::llround(hours))));
}

// "3 of 10,000 stimuli exceeded 100 us in 10 s of virtual time"
std::string seen_text(const GroupEvidence& group, const ExceedLimit& limit, const Rate& rate,
                      const Criteria& criteria) {
  return fmt::format("{} in {} of {} time", exceeded_text(group, limit.over_ns, stimuli_noun),
                     time_text(rate.hours),
                     criteria.time_base == TimeBase::virtual_time ? "virtual" : "wall-clock");
}

std::string allowed_text(double confidence, const ExceedLimit& limit) {
  return fmt::format("at {} confidence, {} allowed", percent_text(confidence),
                     number_text(*limit.max_per_hour, 4));
}

// Whether the number that was seen decides by itself.
Finding find_seen(const Rate& rate, const ExceedLimit& limit, const std::string& seen,
                  const Criteria& criteria) {
  // What gathers in few replicates is of these and not of all, so that no number of all together decides.
  if (rate.gathers) return {Kept::open, seen};
  const double lower = lower_of(rate, criteria.confidence.fail);
  const double upper = upper_of(rate, criteria.confidence.pass);
  if (lower > rate.allowed)
    return {Kept::no, fmt::format("{}: at least {:.3g} an hour {}", seen, lower / rate.hours,
                                  allowed_text(criteria.confidence.fail, limit))};
  if (upper <= rate.allowed)
    return {Kept::yes, fmt::format("{}: at most {:.3g} an hour {}", seen, upper / rate.hours,
                                   allowed_text(criteria.confidence.pass, limit))};
  return {Kept::open, seen};
}

// Why the latencies that were measured are not all that there were; empty where they are.
std::string missing_text(const GroupEvidence& group) {
  const SampleCounts& counts = group.summary.counts;
  if (counts.unanswered + counts.not_sent == 0) return {};
  return fmt::format("the latencies of {} not sent and {} unanswered are not known",
                     with_thousands(counts.not_sent), with_thousands(counts.unanswered));
}

// What gathers in few replicates is of these, and not of the kernel: neither its number nor a fit decides.
std::string gathering_text(const GroupEvidence& group, std::int64_t threshold_ns) {
  const double chance = chance_of_gathering(shares_above(group, threshold_ns));
  if (chance >= gathering_by_chance) return {};
  return fmt::format("what exceeded {} gathers in few replicates (by chance in {})",
                     duration_text(threshold_ns), percent_text(std::max(chance, 1e-6)));
}

TailRate continue_tail(const GroupEvidence& group, const ExceedLimit& limit, const Rate& rate,
                       const Criteria& criteria) {
  TailRate tail;
  tail.refused = missing_text(group);
  if (tail.refused.empty()) tail.refused = gathering_text(group, limit.over_ns);
  if (!tail.refused.empty()) return tail;
  tail = tail_rate(rate.in_order, {limit.over_ns, criteria.confidence.pass, criteria.confidence.fail},
                   rate.allowed);
  if (tail.refused.empty()) tail.refused = gathering_text(group, tail.peaks->threshold_ns);
  return tail;
}

double stimuli_of(const Rate& rate) {
  double stimuli = 0;
  for (const auto& each : rate.in_order) stimuli += static_cast<double>(each.size());
  return stimuli;
}

// "an extrapolation 9 times as long as measured, by 412 peaks above 61.2 us (shape 0.05, fit p = 0.43) and
// the maxima of 400 blocks of 1,800 stimuli (shape 0.02, fit p = 0.22); valid for paths that at least 1 in
// 3,333 stimuli takes"
std::string basis_text(const TailRate& tail, const Rate& rate) {
  return fmt::format(
      "an extrapolation {:.3g} times as long as measured, by {} peaks above {} (shape {:.2f}, fit p = "
      "{:.2g}) "
      "and the maxima of {} blocks of {} stimuli (shape {:.2f}, fit p = {:.2g}); valid for paths that at "
      "least 1 in "
      "{} "
      "stimuli takes",
      std::max(1.0, 1 / rate.allowed), with_thousands(tail.peaks->peaks),
      duration_text(tail.peaks->threshold_ns), tail.peaks->shape, tail.peaks->p, tail.blocks->blocks,
      with_thousands(tail.blocks->block), tail.blocks->shape, tail.blocks->p,
      with_thousands(static_cast<std::uint64_t>(stimuli_of(rate) / 3)));
}

// How long none may come to show it without any tail, and from how many stimuli on a tail would be continued
// so far. Nothing where some came.
std::string longer_text(const Rate& rate, const ExceedLimit& limit, const Criteria& criteria, Check* check) {
  if (rate.above > 0) return {};
  const double hours = -std::log(1 - criteria.confidence.pass) / *limit.max_per_hour;
  const double times = hours / rate.hours;
  check->samples_needed = static_cast<std::uint64_t>(std::ceil(times * stimuli_of(rate)));
  std::string text = fmt::format("; {} without one, {}, would show it", time_text(hours),
                                 stimuli_text(*check->samples_needed));
  const double of_tail = 1 / (rate.allowed * furthest_tail);
  if (of_tail > 1)
    text += fmt::format(", and a tail can be continued so far from {} on",
                        stimuli_text(static_cast<std::uint64_t>(std::ceil(of_tail * stimuli_of(rate)))));
  return text;
}

// A fit alone fails nobody: nothing of it was seen.
Finding find_beyond(const Finding& seen, const TailRate& tail, const Rate& rate, const ExceedLimit& limit,
                    const Criteria& criteria, Check* check) {
  if (!tail.refused.empty())
    return {Kept::open,
            fmt::format("{}: that does not decide {} an hour, and its tail is not continued: {}{}", seen.why,
                        number_text(*limit.max_per_hour, 4), tail.refused,
                        longer_text(rate, limit, criteria, check))};
  const std::string basis = basis_text(tail, rate);
  const auto an_hour = [&](double stimuli) { return stimuli / rate.hours; };
  if (tail.stimuli.upper <= rate.allowed)
    return {Kept::yes,
            fmt::format("{}: {:.3g} an hour, at most {:.3g} {}, {}", seen.why, an_hour(tail.stimuli.estimate),
                        an_hour(tail.stimuli.upper), allowed_text(criteria.confidence.pass, limit), basis)};
  return {
      Kept::open,
      fmt::format("{}: {:.3g} to {:.3g} an hour {}, {}{}{}", seen.why, an_hour(tail.stimuli.lower),
                  an_hour(tail.stimuli.upper), allowed_text(criteria.confidence.pass, limit), basis,
                  tail.stimuli.lower > rate.allowed ? "; likely too many, and a fit alone fails nobody" : "",
                  longer_text(rate, limit, criteria, check))};
}

}  // namespace

Check check_rate(const GroupEvidence& group, const ExceedLimit& limit, const Criteria& criteria) {
  Check check =
      new_check(group, "budget", "above " + limit_text(limit.over_ns), "per_hour", *limit.max_per_hour);
  const auto rate = rate_of(group, limit);
  if (!rate) {
    conclude(&check, VerdictKind::invalid,
             "its stimuli are not known one by one with their times, so there is no rate by the hour");
    return check;
  }
  check.seen = static_cast<double>(rate->above) / rate->hours;
  Finding finding = find_seen(*rate, limit, seen_text(group, limit, *rate, criteria), criteria);
  if (finding.kept == Kept::open) {
    const TailRate tail = continue_tail(group, limit, *rate, criteria);
    finding = find_beyond(finding, tail, *rate, limit, criteria, &check);
    check.tail = ContinuedTail{limit.over_ns, rate->hours, tail};
  }
  conclude_finding(group.replicates.size(), finding, criteria, &check);
  return check;
}

}  // namespace loopgate
