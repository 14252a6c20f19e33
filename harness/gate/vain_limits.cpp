#include "gate/vain_limits.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <utility>

#include "base/text.h"
#include "base/units.h"
#include "gate/confidence.h"
#include "stats/quantities.h"

namespace loopgate {
namespace {

constexpr std::uint32_t largest = 1'000'000;  // per million: the maximum's rank

// Of the same kernel in another run: beyond it a limit in us says more.
constexpr double growth_max = 10;
// Of another kernel in the same run: the maxima of the fixture kernels under load differ 23-fold.
constexpr double ratio_max = 1'000;
constexpr double fraction_max = 0.5;

// Of a latency, so that one with a lower rank is never above one with a higher; nothing for a count. The
// jitter is at most the maximum.
std::optional<std::uint32_t> rank_of(const std::string& key) {
  const Quantity* quantity = find_quantity(key);
  if (quantity == nullptr || quantity->kind == QuantityKind::count) return {};
  if (quantity->kind == QuantityKind::quantile) return quantity->per_million;
  return key == "max" ? largest : largest - 1;
}

std::string in_us(const std::string& key, std::int64_t ns) {
  return fmt::format("{}_us = {}", key, ns / 1'000);
}

}  // namespace

std::string vain_limit(const BudgetRule& rule) {
  for (const Limit& high : rule.limits) {
    const auto rank = rank_of(high.quantity);
    if (!rank) continue;
    for (const Limit& low : rule.limits) {
      const auto other = rank_of(low.quantity);
      // The jitter is below the maximum alone: it is the distance of two latencies.
      const bool below = other && *other < *rank && (low.quantity != "jitter" || *rank == largest);
      if (below && high.quantity != "jitter" && low.at_most > high.at_most)
        return fmt::format("{} cannot fail where {} holds", in_us(low.quantity, low.at_most),
                           in_us(high.quantity, high.at_most));
    }
    if (rule.exceed && !rule.exceed->max_per_hour && *rank == largest && rule.exceed->over_ns >= high.at_most)
      return fmt::format("exceed of over_us = {} cannot fail where {} holds", rule.exceed->over_ns / 1'000,
                         in_us(high.quantity, high.at_most));
  }
  return {};
}

std::string limit_beyond_timeout(const BudgetRule& rule, std::int64_t response_timeout_ns,
                                 std::int64_t guard_band_ns) {
  if (response_timeout_ns <= 0) return {};
  const std::string band =
      guard_band_ns == 0 ? std::string() : fmt::format(" with a guard band of {}", limit_text(guard_band_ns));
  const auto sentence = [&](const std::string& limit) {
    return fmt::format("{}{} cannot fail: a stimulus without an answer for {} us counts as unanswered", limit,
                       band, response_timeout_ns / 1'000);
  };
  for (const Limit& limit : rule.limits)
    if (rank_of(limit.quantity) && limit.at_most + guard_band_ns >= response_timeout_ns)
      return sentence(in_us(limit.quantity, limit.at_most));
  for (const Limit& limit : rule.worst_case)
    if (limit.quantity == "hunted_max" && limit.at_most >= response_timeout_ns)
      return sentence(in_us(limit.quantity, limit.at_most));
  if (rule.exceed && rule.exceed->over_ns + guard_band_ns >= response_timeout_ns)
    return sentence(fmt::format("exceed of over_us = {}", rule.exceed->over_ns / 1'000));
  return {};
}

std::string rate_beyond_schedule(const BudgetRule& rule, const std::vector<std::int64_t>& interval_ns) {
  if (!rule.exceed || !rule.exceed->max_per_hour || interval_ns.empty()) return {};
  const std::int64_t sum = std::accumulate(interval_ns.begin(), interval_ns.end(), std::int64_t{0});
  const double mean = static_cast<double>(sum) / static_cast<double>(interval_ns.size());
  const double of_all = *rule.exceed->max_per_hour * mean / ns_of_hour;
  if (mean <= 0 || of_all <= fraction_max) return {};
  const std::string why =
      of_all >= 1 ? "cannot fail"
                  : fmt::format("is {:.0f} % of them, and what most may exceed is no limit", of_all * 100);
  return fmt::format(
      "max_per_hour = {:.15g} {}: {:.15g} stimuli come in an hour, {:.15g} us apart on average",
      *rule.exceed->max_per_hour, why, std::round(ns_of_hour / mean), mean / 1e3);
}

namespace {

// What a program of that time shows at the most, in the unit of its figure; and why.
std::pair<double, std::string> most_of(const std::string& unit, std::int64_t timeout_s) {
  const auto seconds = static_cast<double>(timeout_s);
  for (const auto& [name, in_second] :
       {std::pair("ns", 1e9), std::pair("us", 1e6), std::pair("ms", 1e3), std::pair("s", 1.0)})
    if (unit == name) return {seconds * in_second, "and no time that it takes is longer"};
  if (unit == "%") return {100, "and no share is above 100 %"};
  return {seconds * 1e9, "and it counts no more than one in a nanosecond"};
}

std::string killed_text(const std::string& limit, std::int64_t timeout_s, const std::string& why) {
  return fmt::format("{} cannot fail: the program is killed after {} s (its timeout_s in the run), {}", limit,
                     timeout_s, why);
}

}  // namespace

std::string latency_beyond_program(const BudgetRule& latencies, std::int64_t timeout_s) {
  if (timeout_s <= 0) return {};
  const std::int64_t most_ns = timeout_s * std::int64_t{1'000'000'000};
  const std::string why = most_of("ns", timeout_s).second;
  for (const Limit& limit : latencies.limits)
    if (limit.at_most >= most_ns) return killed_text(in_us(limit.quantity, limit.at_most), timeout_s, why);
  if (latencies.exceed && latencies.exceed->over_ns >= most_ns)
    return killed_text(fmt::format("exceed of over_us = {}", latencies.exceed->over_ns / 1'000), timeout_s,
                       why);
  return {};
}

std::string figure_beyond_program(const FigureLimit& limit, const std::string& unit, std::int64_t timeout_s) {
  if (timeout_s <= 0 || !limit.at_most) return {};
  const auto [most, why] = most_of(unit, timeout_s);
  if (*limit.at_most < most) return {};
  return killed_text(fmt::format("at_most = {:.15g} of {} (in {})", *limit.at_most, limit.figure, unit),
                     timeout_s, why);
}

std::string too_few_to_show(std::uint64_t stimuli, std::uint64_t min_stimuli, double confidence) {
  const auto may_exceed = [&](std::uint64_t count) { return share_upper_bound(0, count, confidence); };
  if (stimuli == 0 || stimuli < min_stimuli || may_exceed(stimuli) <= fraction_max) return {};
  std::uint64_t enough = stimuli;
  while (may_exceed(enough) > fraction_max) ++enough;
  return fmt::format(
      "min_stimuli = {} lets {} pass a maximum, a spread and a count: where none of them exceeded, {} of all "
      "may, at {} confidence; from {} on no more than half",
      min_stimuli, stimuli_text(stimuli), percent_text(may_exceed(stimuli)), percent_text(confidence),
      enough);
}

std::string count_of_most(const BudgetRule& rule, std::uint64_t planned) {
  if (planned == 0) return {};
  for (const Limit& limit : rule.limits) {
    const Quantity* quantity = find_quantity(limit.quantity);
    if (quantity == nullptr || quantity->kind != QuantityKind::count) continue;
    const auto allowed = static_cast<std::uint64_t>(limit.at_most);
    if (allowed >= planned)
      return fmt::format("{} = {} cannot fail: there are {}", limit.quantity, limit.at_most,
                         stimuli_text(planned));
    if (static_cast<double>(allowed) > fraction_max * static_cast<double>(planned))
      return fmt::format(
          "{} = {} hardly fails: there are {}, and what most may be is no limit; it may be at most {}",
          limit.quantity, limit.at_most, stimuli_text(planned), planned / 2);
  }
  return {};
}

std::string vain_ratio(double max_ratio, bool of_a_baseline) {
  const double most = of_a_baseline ? growth_max : ratio_max;
  if (max_ratio <= most) return {};
  return fmt::format("is {:.15g}, which hardly anything exceeds: it may be at most {:.15g}", max_ratio, most);
}

std::string vain_fraction(double max_fraction) {
  if (max_fraction <= fraction_max) return {};
  return fmt::format("is {:g}, and what most may exceed is no limit: it may be at most {:g}", max_fraction,
                     fraction_max);
}

}  // namespace loopgate
