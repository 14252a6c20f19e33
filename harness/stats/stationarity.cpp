#include "stats/stationarity.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <utility>

#include "base/text.h"
#include "base/units.h"
#include "stats/slow_change.h"
#include "stats/tail.h"

namespace loopgate {
namespace {

constexpr double alarm_at = 0.0004;
constexpr double alarm_of_few_at = 0.0002;  // of fewer than three replicates
constexpr double alarm_of_both_at = 0.0001;
constexpr double settled_at = 0.05;  // what is left drifts no more
constexpr double least_change_of_median = 0.01;
constexpr double least_change_of_share = 0.25;
constexpr double bursts_are_shared = 3;  // 0.7 to 1.1 was seen without, 7 to 18 with

std::array<double, 4> quarters_of(const Series& values) {
  std::array<double, 4> quarters{};
  for (std::size_t quarter = 0; quarter < quarters.size(); ++quarter) {
    const std::size_t begin = values.size() * quarter / quarters.size();
    const std::size_t end = values.size() * (quarter + 1) / quarters.size();
    for (std::size_t i = begin; i < end; ++i)
      quarters.at(quarter) += values[i] / static_cast<double>(end - begin);
  }
  return quarters;
}

// From one quarter of the time to another, as a share of the mean.
double change_of(const Series& values) {
  const auto quarters = quarters_of(values);
  const auto [least, most] = std::minmax_element(quarters.begin(), quarters.end());
  const double mean = mean_of(values);
  return mean > 0 ? (*most - *least) / mean : 0;
}

// Where fewer than three replicates are all there is, two figures that change bear each other out: the chance
// of both (Fisher 1925, Statistical Methods for Research Workers, 21.1; of two p in closed form).
double p_of_both(double p, double other) { return p * other * (1 - std::log(p * other)); }

bool drifts(const BlockFigures& figures, double p, double least_change, double at) {
  return p <= at && change_of(figures.mean) >= least_change;
}

Series from(const Series& values, std::size_t begin) {
  return {values.begin() + static_cast<std::ptrdiff_t>(begin), values.end()};
}

BlockFigures from(const BlockFigures& figures, std::size_t begin) {
  BlockFigures rest;
  for (const Series& each : figures.of_replicates) rest.of_replicates.push_back(from(each, begin));
  rest.mean = from(figures.mean, begin);
  return rest;
}

struct Both {
  BlockFigures medians;
  BlockFigures shares;
};

// The first tenth from which on neither figure drifts any more; nothing up to the half.
std::optional<std::size_t> settled_from(const Both& both) {
  for (std::size_t begin = course_blocks / 10; begin <= course_blocks / 2; begin += course_blocks / 10) {
    const BlockFigures medians = from(both.medians, begin);
    const BlockFigures shares = from(both.shares, begin);
    if (!drifts(medians, p_of_slow_change(medians), least_change_of_median, settled_at) &&
        !drifts(shares, p_of_slow_change(shares), least_change_of_share, settled_at))
      return begin;
  }
  return std::nullopt;
}

std::size_t begin_of(std::size_t block, std::size_t count) { return count * block / course_blocks; }

double median_of(std::vector<std::int64_t> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(nearest_rank(values.size(), 500'000) - 1);
  std::nth_element(values.begin(), middle, values.end());
  return static_cast<double>(*middle);
}

// The latency of that rank, from 1, among all of them, in the memory of none of them: its number is found 16
// bits at a time, from the high ones on, by how many latencies begin with each.
std::int64_t latency_at_rank(const std::vector<Course>& replicates, std::uint64_t rank) {
  constexpr std::uint64_t digit_bits = 16;
  constexpr std::uint64_t digits = 1ULL << digit_bits;
  constexpr std::uint64_t sign = 1ULL << 63U;  // so that negative ones would be below the others
  std::uint64_t found = 0;
  std::uint64_t known = 0;  // a mask: these bits are found
  for (std::uint64_t shift = 64; shift > 0;) {
    shift -= digit_bits;
    std::vector<std::uint64_t> count(digits);
    for (const Course& each : replicates) {
      const LatencyView latencies = each.latency_ns.view();
      for (std::size_t i = 0; i < latencies.size(); ++i) {
        const std::uint64_t bits = static_cast<std::uint64_t>(latencies[i]) ^ sign;
        if ((bits & known) == found) ++count[(bits >> shift) % digits];
      }
    }
    std::uint64_t digit = 0;
    for (; rank > count[digit]; ++digit) rank -= count[digit];
    found |= digit << shift;
    known |= (digits - 1) << shift;
  }
  return static_cast<std::int64_t>(found ^ sign);
}

std::int64_t p99_of(const std::vector<Course>& replicates) {
  std::uint64_t all = 0;
  for (const Course& each : replicates) all += each.latency_ns.size();
  return latency_at_rank(replicates, nearest_rank(all, 990'000));
}

void add(const Series& replicate, BlockFigures* figures, double weight) {
  figures->mean.resize(replicate.size());
  for (std::size_t i = 0; i < replicate.size(); ++i) figures->mean[i] += weight * replicate[i];
  figures->of_replicates.push_back(replicate);
}

Both cut(const std::vector<Course>& replicates, Stationarity* found) {
  Both both;
  found->blocks.resize(course_blocks);
  const double weight = 1.0 / static_cast<double>(replicates.size());
  for (const Course& each : replicates) {
    Series medians;
    Series shares;
    for (std::size_t block = 0; block < course_blocks; ++block) {
      const auto begin = begin_of(block, each.latency_ns.size());
      const auto end = begin_of(block + 1, each.latency_ns.size());
      std::vector<std::int64_t> latencies;
      latencies.reserve(end - begin);
      for (std::size_t i = begin; i < end; ++i) latencies.push_back(each.latency_ns[i]);
      const auto above = std::ranges::count_if(latencies, [&](auto ns) { return ns > found->above_ns; });
      medians.push_back(median_of(std::move(latencies)));
      shares.push_back(static_cast<double>(above) / static_cast<double>(end - begin));
      found->blocks[block].begin_ns += static_cast<std::int64_t>(
          weight * static_cast<double>(each.due.block_begin_ns[block] - each.due.block_begin_ns[0]));
    }
    add(medians, &both.medians, weight);
    add(shares, &both.shares, weight);
  }
  for (std::size_t block = 0; block < course_blocks; ++block) {
    found->blocks[block].median_ns = both.medians.mean[block];
    found->blocks[block].share_above = both.shares.mean[block];
  }
  return both;
}

template <class Text>
std::string quarters_text(const Series& values, const Text& text) {
  const auto quarters = quarters_of(values);
  return fmt::format("{}, {}, {} and {} in the four quarters of its time", text(quarters[0]),
                     text(quarters[1]), text(quarters[2]), text(quarters[3]));
}

std::string drift_text(const Both& both, const Stationarity& found, bool median, bool tail) {
  std::string text = "drifts: ";
  if (tail)
    text += fmt::format("the share above {} is {} (p {:.1g})", us_text(found.above_ns),
                        quarters_text(both.shares.mean, percent_text), found.p_tail);
  if (median)
    text += fmt::format("{}the median is {} (p {:.1g})", tail ? ", and " : "",
                        quarters_text(both.medians.mean, [](double ns) { return us_text(std::llround(ns)); }),
                        found.p_median);
  if (!found.more_settle_ns)
    return text +
           "; no settle_ms up to half of its time leaves a rest that does not: measure for longer, or "
           "with a load that does one thing";
  const std::int64_t more_ms = (*found.more_settle_ns + 999'999) / 1'000'000;
  return text + fmt::format("; settle_ms raised by {} would leave a rest that does not",
                            with_thousands(static_cast<std::uint64_t>(more_ms)));
}

bool enough(const std::vector<Course>& replicates) {
  std::uint64_t all = 0;
  std::uint64_t least = UINT64_MAX;
  for (const Course& each : replicates) {
    all += each.latency_ns.size();
    least = std::min<std::uint64_t>(least, each.latency_ns.size());
  }
  return all >= least_stimuli_of_course && least >= least_stimuli_of_replicate;
}

constexpr std::array<std::pair<Steadiness, const char*>, 3> names = {{{Steadiness::not_tested, "not tested"},
                                                                      {Steadiness::stationary, "stationary"},
                                                                      {Steadiness::drifts, "drifts"}}};

}  // namespace

const char* name_of(Steadiness steadiness) {
  return std::ranges::find(names, steadiness, &std::pair<Steadiness, const char*>::first)->second;
}

std::optional<Steadiness> steadiness_named(const std::string& name) {
  const auto* found = std::ranges::find(names, name, &std::pair<Steadiness, const char*>::second);
  if (found == names.end()) return std::nullopt;
  return found->first;
}

BlockTimes block_times_of(const std::vector<std::int64_t>& due_ns) {
  BlockTimes times;
  if (due_ns.empty()) return times;
  for (std::size_t block = 0; block < course_blocks; ++block)
    times.block_begin_ns[block] = due_ns[begin_of(block, due_ns.size())];
  times.last_ns = due_ns.back();
  return times;
}

Stationarity stationarity_of(const std::vector<Course>& replicates) {
  Stationarity found;
  if (!enough(replicates)) {
    found.says = fmt::format("not tested: it takes {} stimuli, and {} of each replicate",
                             with_thousands(least_stimuli_of_course), least_stimuli_of_replicate);
    return found;
  }
  found.above_ns = p99_of(replicates);
  const Both both = cut(replicates, &found);
  found.p_median = p_of_slow_change(both.medians);
  found.p_tail = p_of_slow_change(both.shares);
  found.shared = shared_by_replicates(both.shares);
  const bool many = replicates.size() >= 3;
  double at = many ? alarm_at : alarm_of_few_at;
  if (!many && p_of_both(found.p_median, found.p_tail) <= alarm_of_both_at) at = settled_at;
  const bool median = drifts(both.medians, found.p_median, least_change_of_median, at);
  const bool tail = drifts(both.shares, found.p_tail, least_change_of_share, at);
  found.result = median || tail ? Steadiness::drifts : Steadiness::stationary;
  if (found.result == Steadiness::stationary) {
    found.says = fmt::format(
        "stationary: neither its median (p {:.2g}) nor its share above {} (p {:.2g}) changes slowly beyond "
        "chance{}",
        found.p_median, us_text(found.above_ns), found.p_tail,
        found.shared.value_or(1) < bursts_are_shared ? ""
                                                     : "; its bursts fall at the same moments in all "
                                                       "replicates, so replicates do not show how they vary");
    return found;
  }
  if (const auto settled = settled_from(both)) found.more_settle_ns = found.blocks[*settled].begin_ns;
  found.says = drift_text(both, found, median, tail);
  return found;
}

}  // namespace loopgate
