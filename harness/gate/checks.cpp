#include "gate/checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.h"
#include "gate/confidence.h"
#include "gate/units.h"

namespace loopgate {
namespace {

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

const Quantile* find_quantile(const std::string& quantity) {
  const auto* found = std::find_if(quantiles.begin(), quantiles.end(),
                                   [&](const Quantile& quantile) { return quantity == quantile.key; });
  return found == quantiles.end() ? nullptr : found;
}

double share_above(const Quantile& quantile) {
  return static_cast<double>(1'000'000 - quantile.per_million) / 1e6;
}

// "3 of 10,000 stimuli were above 100 us (1 not sent, 1 unanswered)": the evidence that every sentence begins
// with.
std::string evidence_text(const GroupData& data, std::int64_t limit_ns) {
  const Latencies& latencies = data.latencies;
  const std::uint64_t above = latencies.count_above(limit_ns);
  const std::uint64_t unanswered = data.group.summary.counts.unanswered;
  const auto waited = std::upper_bound(latencies.not_sent_ns.begin(), latencies.not_sent_ns.end(), limit_ns);
  const std::uint64_t not_sent =
      static_cast<std::uint64_t>(latencies.not_sent_ns.end() - waited) + latencies.endless - unanswered;
  std::string text =
      fmt::format("{} of {} {} above {}", above == 0 ? "none" : with_thousands(above),
                  stimuli_text(latencies.total()), above == 1 ? "was" : "were", limit_text(limit_ns));
  if (not_sent + unanswered > 0)
    text +=
        fmt::format(" ({} not sent, {} unanswered)", with_thousands(not_sent), with_thousands(unanswered));
  return text;
}

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
void judge_maximum(const GroupData& data, std::int64_t limit_ns, double confidence, Check* check) {
  const std::string evidence = evidence_text(data, limit_ns);
  if (data.latencies.count_above(limit_ns) > 0) {
    conclude(check, VerdictKind::fail, evidence);
    return;
  }
  const double upper = share_upper_bound(0, data.latencies.total(), confidence);
  conclude(check, VerdictKind::pass,
           fmt::format("{}: at {} confidence at most {} are", evidence, percent_text(confidence),
                       percent_text(upper)));
}

void judge_jitter(const GroupData& data, std::int64_t limit_ns, Check* check) {
  if (data.latencies.endless > 0) {
    conclude(check, VerdictKind::fail,
             fmt::format("{} had no answer, so the spread has no end", stimuli_text(data.latencies.endless)));
    return;
  }
  const auto jitter_ns = static_cast<std::int64_t>(*check->seen);
  const bool within = jitter_ns <= limit_ns;
  conclude(check, within ? VerdictKind::pass : VerdictKind::fail,
           fmt::format("the {} spread over {}, and {} is allowed", stimuli_text(data.latencies.total()),
                       us_text(jitter_ns), limit_text(limit_ns)));
}

// Nothing for a quantity that is no count, or not of this suite.
std::optional<std::uint64_t> count_of(const Summary& summary, const std::string& quantity) {
  if (quantity == "late") return summary.counts.late;
  if (quantity == "unanswered") return summary.counts.unanswered;
  if (quantity == "not_sent") return summary.counts.not_sent;
  if (!summary.decisions) return std::nullopt;
  return quantity == "wrong" ? summary.decisions->wrong : summary.decisions->wrong_frame;
}

const char* count_word(const std::string& quantity) {
  if (quantity == "not_sent") return "not sent";
  if (quantity == "wrong") return "decided wrongly";
  if (quantity == "wrong_frame") return "decided for another frame";
  return quantity == "late" ? "late" : "unanswered";
}

Check check_count(const GroupData& data, const Limit& limit) {
  Check check =
      new_check(data.group, "budget", limit.quantity, "stimuli", static_cast<double>(limit.at_most));
  const auto counted = count_of(data.group.summary, limit.quantity);
  if (!counted) {
    conclude(&check, VerdictKind::invalid, "this suite's responses carry no decision");
    return check;
  }
  const std::uint64_t seen = *counted;
  check.seen = static_cast<double>(seen);
  const bool within = seen <= static_cast<std::uint64_t>(limit.at_most);
  conclude(
      &check, within ? VerdictKind::pass : VerdictKind::fail,
      fmt::format("{} of {} {} {}, and {} may be", seen == 0 ? "none" : with_thousands(seen),
                  stimuli_text(data.latencies.total()), seen == 1 ? "was" : "were",
                  count_word(limit.quantity), with_thousands(static_cast<std::uint64_t>(limit.at_most))));
  return check;
}

bool measured(const Group* group) {
  return group != nullptr && group->invalid.empty() && !group->cells.empty() &&
         group->summary.counts.scheduled > 0;
}

// Why the two groups' figures can't be held against each other; empty when they can.
std::string unresolved(const Group& group, const Group& reference, const RatioRule& rule, double confidence,
                       Check* check) {
  const SampleCounts& a = group.summary.counts;
  const SampleCounts& b = reference.summary.counts;
  if (a.unanswered + b.unanswered > 0)
    return fmt::format("{} had no answer, so the figures are incomplete",
                       stimuli_text(a.unanswered + b.unanswered));
  const Quantile* quantile = find_quantile(rule.quantity);
  if (quantile == nullptr) return {};
  const std::uint64_t least = std::min(a.scheduled, b.scheduled);
  const std::uint64_t needed = samples_to_resolve(share_above(*quantile), confidence);
  if (least >= needed) return {};
  check->samples_needed = needed;
  return fmt::format("{} do not resolve {} at {} confidence: {} are needed", stimuli_text(least),
                     quantity_text(rule.quantity), percent_text(confidence), with_thousands(needed));
}

void judge_ratio(double figure_ns, double reference_ns, const RatioRule& rule, Check* check) {
  if (reference_ns > 0) check->seen = figure_ns / reference_ns;
  const bool within = figure_ns <= rule.ratio_at_most * reference_ns;
  conclude(check, within ? VerdictKind::pass : VerdictKind::fail,
           fmt::format("{} is {} against {} of {}{}, and {:.4g} of it is allowed (virtual time is exact)",
                       quantity_text(rule.quantity), us_text(static_cast<std::int64_t>(figure_ns)),
                       us_text(static_cast<std::int64_t>(reference_ns)),
                       rule.against.empty() ? "the baseline" : rule.against,
                       check->seen ? fmt::format(", {:.4g} of it", *check->seen) : "", rule.ratio_at_most));
}

}  // namespace

Check check_limit(const GroupData& data, const Limit& limit, double confidence) {
  constexpr std::array<std::string_view, 5> counts = {"late", "unanswered", "not_sent", "wrong",
                                                      "wrong_frame"};
  if (std::ranges::find(counts, limit.quantity) != counts.end()) return check_count(data, limit);
  Check check = new_check(data.group, "budget", limit.quantity, "ns", static_cast<double>(limit.at_most));
  const auto& figures = data.group.summary.latency_with_not_sent;
  if (figures) check.seen = figure(*figures, limit.quantity);
  if (limit.quantity == "max") {
    judge_maximum(data, limit.at_most, confidence, &check);
  } else if (limit.quantity == "jitter") {
    judge_jitter(data, limit.at_most, &check);
  } else if (const Quantile* quantile = find_quantile(limit.quantity)) {
    judge_share(data, limit.at_most, share_above(*quantile), confidence, &check);
  }
  return check;
}

Check check_exceed(const GroupData& data, const ExceedLimit& limit, double confidence) {
  Check check =
      new_check(data.group, "budget", "above " + limit_text(limit.over_ns), "share", limit.share_at_most);
  check.seen = static_cast<double>(data.latencies.count_above(limit.over_ns)) /
               static_cast<double>(data.latencies.total());
  judge_share(data, limit.over_ns, limit.share_at_most, confidence, &check);
  return check;
}

Check check_wrong_share(const GroupData& data, double share_at_most, double confidence) {
  Check check = new_check(data.group, "budget", "wrong", "share", share_at_most);
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
  conclude_share(counted, decisions->wrong, judged, share_at_most, confidence, &check);
  return check;
}

Check check_ratio(const Group& group, const Group* reference, const RatioRule& rule, double confidence) {
  const char* kind = rule.against.empty() ? "baseline" : "compare";
  Check check = new_check(group, kind, rule.quantity, "ratio", rule.ratio_at_most);
  check.against = rule.against;
  if (!measured(reference)) {
    const std::string whose = rule.against.empty() ? "the baseline" : rule.against;
    const bool told = reference != nullptr && !reference->invalid.empty();
    conclude(&check, VerdictKind::invalid,
             fmt::format("{} is not measured, so there is nothing to compare with{}", whose,
                         told ? ": " + reference->invalid.front().reason : ""));
    return check;
  }
  if (std::string problem = unresolved(group, *reference, rule, confidence, &check); !problem.empty()) {
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
