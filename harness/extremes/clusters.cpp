#include "extremes/clusters.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <map>
#include <utility>

namespace loopgate {
namespace {

// Calls `use(replicate, excess, gap)`; the gap is how many stimuli after the one before it in the replicate,
// 0 of the first.
template <class Use>
void for_each_above(const InOrder& replicates, std::int64_t threshold_ns, const Use& use) {
  for (std::size_t replicate = 0; replicate < replicates.size(); ++replicate) {
    const LatencyView latencies = replicates[replicate];
    std::size_t last = 0;
    for (std::size_t i = 0; i < latencies.size(); ++i) {
      const std::int64_t latency = latencies[i];
      if (latency <= threshold_ns) continue;
      use(replicate, static_cast<double>(latency - threshold_ns), last == 0 ? 0 : i + 1 - last);
      last = i + 1;
    }
  }
}

// How often each gap comes: there are few different ones, however many are above.
struct Gaps {
  std::map<std::size_t, std::uint64_t> count;
  std::uint64_t all = 0;
};

Gaps gaps_above(const InOrder& replicates, std::int64_t threshold_ns) {
  constexpr std::size_t usual = 1'024;
  std::vector<std::uint64_t> count(usual);
  Gaps gaps;
  for_each_above(replicates, threshold_ns, [&](std::size_t, double, std::size_t gap) {
    if (gap == 0) return;
    ++gaps.all;
    ++(gap < usual ? count[gap] : gaps.count[gap]);
  });
  for (std::size_t gap = 1; gap < usual; ++gap)
    if (count[gap] > 0) gaps.count[gap] = count[gap];
  return gaps;
}

// Ferro & Segers, eq. 5: the gaps of clustered exceedances are short ones and long ones. Their other formula,
// for gaps of at most 2, takes a single long event for many: here that is one.
double index_by_gaps(const Gaps& gaps) {
  double sum = 0;
  double products = 0;
  for (const auto& [gap, times] : gaps.count) {
    const auto g = static_cast<double>(gap);
    const auto n = static_cast<double>(times);
    sum += n * (g - 1);
    products += n * ((g - 1) * (g - 2));
  }
  if (gaps.all == 0) return 1;
  return products <= 0 ? 0 : std::min(1.0, 2 * sum * sum / (static_cast<double>(gaps.all) * products));
}

// From the longest on, at `place` from 0.
std::size_t gap_at(const Gaps& gaps, std::uint64_t place) {
  for (auto each = gaps.count.rbegin(); each != gaps.count.rend(); ++each) {
    if (place < each->second) return each->first;
    place -= each->second;
  }
  return 0;
}

// The gap from which on it divides clusters: so many of them are as long that the index comes out.
std::size_t dividing_gap(const Gaps& gaps, double index) {
  const auto dividing = static_cast<std::uint64_t>(index * static_cast<double>(gaps.all));
  if (dividing >= gaps.all) return 1;
  if (dividing == 0) return std::numeric_limits<std::size_t>::max();
  // Equal gaps divide alike: the longer one where it is not clear (their section 4).
  const std::size_t longer = gap_at(gaps, dividing - 1);
  const std::size_t shorter = gap_at(gaps, dividing);
  return longer != shorter || shorter == gap_at(gaps, 0) ? longer : shorter + 1;
}

// Calls `begins(excess)` for the first of each cluster and `goes_on(excess)` for the others, all
// in the order of time. What is given has no peaks.
template <class Begins, class GoesOn>
Exceedances go_through(const InOrder& replicates, std::int64_t threshold_ns, const Gaps& gaps,
                       const Begins& begins, const GoesOn& goes_on) {
  Exceedances all;
  all.threshold_ns = threshold_ns;
  all.extremal_index = index_by_gaps(gaps);
  all.peaks_of_replicate.resize(replicates.size());
  const bool independent = all.extremal_index >= independent_from;
  const std::size_t divides = independent ? 0 : dividing_gap(gaps, all.extremal_index);
  double size = 0;
  double squares = 0;
  for_each_above(replicates, threshold_ns, [&](std::size_t replicate, double excess, std::size_t gap) {
    ++all.count;
    if (gap > 0 && gap < divides) {
      ++size;
      return goes_on(excess);
    }
    squares += size * size;
    size = 1;
    ++all.peaks_of_replicate[replicate];
    begins(excess);
  });
  squares += size * size;
  if (all.count > 0) all.design_effect = squares / static_cast<double>(all.count);
  return all;
}

}  // namespace

Exceedances exceedances_above(const InOrder& replicates, std::int64_t threshold_ns) {
  std::vector<double> peaks;
  Exceedances all = go_through(
      replicates, threshold_ns, gaps_above(replicates, threshold_ns),
      [&](double excess) { peaks.push_back(excess); },
      [&](double excess) { peaks.back() = std::max(peaks.back(), excess); });
  all.peaks_ns = std::move(peaks);
  return all;
}

double design_effect_above(const InOrder& replicates, std::int64_t threshold_ns) {
  const Gaps gaps = gaps_above(replicates, threshold_ns);
  if (index_by_gaps(gaps) >= independent_from) return 1;  // each is a cluster of its own
  const auto nothing = [](double) {};
  return go_through(replicates, threshold_ns, gaps, nothing, nothing).design_effect;
}

std::vector<std::int64_t> largest_of(const InOrder& replicates, std::size_t most) {
  std::vector<std::int64_t> largest;  // a heap, the smallest of them in front
  for (const LatencyView replicate : replicates) {
    for (std::size_t i = 0; i < replicate.size() && most > 0; ++i) {
      const std::int64_t latency = replicate[i];
      if (largest.size() == most && latency <= largest.front()) continue;
      if (largest.size() == most) {
        std::ranges::pop_heap(largest, std::greater<>());
        largest.pop_back();
      }
      largest.push_back(latency);
      std::ranges::push_heap(largest, std::greater<>());
    }
  }
  std::ranges::sort(largest);
  return largest;
}

double dispersion_of(const std::vector<std::size_t>& peaks_of_replicate) {
  if (peaks_of_replicate.size() < 3) return 1;
  const auto n = static_cast<double>(peaks_of_replicate.size());
  double mean = 0;
  for (const std::size_t each : peaks_of_replicate) mean += static_cast<double>(each) / n;
  if (mean <= 0) return 1;
  double variance = 0;
  for (const std::size_t each : peaks_of_replicate) {
    const double off = static_cast<double>(each) - mean;
    variance += off * off / (n - 1);
  }
  return std::max(1.0, variance / mean);
}

std::vector<double> block_maxima(const InOrder& replicates, std::size_t size) {
  std::vector<double> maxima;
  for (const LatencyView replicate : replicates)
    for (std::size_t begin = 0; begin + size <= replicate.size(); begin += size) {
      std::int64_t largest = replicate[begin];
      for (std::size_t i = begin; i < begin + size; ++i) largest = std::max(largest, replicate[i]);
      maxima.push_back(static_cast<double>(largest));
    }
  return maxima;
}

}  // namespace loopgate
