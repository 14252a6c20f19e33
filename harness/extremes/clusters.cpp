#include "extremes/clusters.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>

namespace loopgate {
namespace {

struct Exceedance {
  std::size_t replicate = 0;
  double excess = 0;
  std::size_t gap = 0;  // stimuli since the one before it in the replicate; 0: it is the first
};

std::vector<Exceedance> all_above(const InOrder& replicates, std::int64_t threshold_ns) {
  std::vector<Exceedance> found;
  for (std::size_t replicate = 0; replicate < replicates.size(); ++replicate) {
    std::size_t last = 0;
    for (std::size_t i = 0; i < replicates[replicate].size(); ++i) {
      const std::int64_t latency = replicates[replicate][i];
      if (latency <= threshold_ns) continue;
      found.push_back({replicate, static_cast<double>(latency - threshold_ns), last == 0 ? 0 : i + 1 - last});
      last = i + 1;
    }
  }
  return found;
}

// Ferro & Segers, eq. 5: the gaps of clustered exceedances are short ones and long ones. Their other formula,
// for gaps of at most 2, takes a single long event for many: here that is one.
double index_by_gaps(const std::vector<std::size_t>& gaps) {
  double sum = 0;
  double products = 0;
  for (const std::size_t gap : gaps) {
    const auto g = static_cast<double>(gap);
    sum += g - 1;
    products += (g - 1) * (g - 2);
  }
  if (gaps.empty()) return 1;
  return products <= 0 ? 0 : std::min(1.0, 2 * sum * sum / (static_cast<double>(gaps.size()) * products));
}

// The gap from which on it divides clusters: so many of them are as long that the index comes out.
std::size_t dividing_gap(std::vector<std::size_t> gaps, double index) {
  const auto dividing = static_cast<std::size_t>(index * static_cast<double>(gaps.size()));
  if (dividing >= gaps.size()) return 1;
  if (dividing == 0) return std::numeric_limits<std::size_t>::max();
  std::sort(gaps.begin(), gaps.end(), std::greater<>());
  // Equal gaps divide alike: the longer one where it is not clear (their section 4).
  const bool clear = gaps[dividing - 1] != gaps[dividing] || gaps[dividing] == gaps.front();
  return clear ? gaps[dividing - 1] : gaps[dividing] + 1;
}

}  // namespace

Exceedances exceedances_above(const InOrder& replicates, std::int64_t threshold_ns) {
  const std::vector<Exceedance> found = all_above(replicates, threshold_ns);
  std::vector<std::size_t> gaps;
  for (const Exceedance& each : found)
    if (each.gap > 0) gaps.push_back(each.gap);
  Exceedances all;
  all.threshold_ns = threshold_ns;
  all.count = found.size();
  all.extremal_index = index_by_gaps(gaps);
  all.peaks_of_replicate.resize(replicates.size());
  const bool independent = all.extremal_index >= independent_from;
  const std::size_t divides = independent ? 0 : dividing_gap(gaps, all.extremal_index);
  std::vector<double> sizes;
  for (const Exceedance& each : found) {
    if (each.gap > 0 && each.gap < divides) {
      all.peaks_ns.back() = std::max(all.peaks_ns.back(), each.excess);
      ++sizes.back();
      continue;
    }
    all.peaks_ns.push_back(each.excess);
    sizes.push_back(1);
    ++all.peaks_of_replicate[each.replicate];
  }
  if (!found.empty())
    all.design_effect = std::inner_product(sizes.begin(), sizes.end(), sizes.begin(), 0.0) /
                        static_cast<double>(found.size());
  return all;
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
  for (const std::span<const std::int64_t> replicate : replicates)
    for (std::size_t begin = 0; begin + size <= replicate.size(); begin += size) {
      const auto first = replicate.begin() + static_cast<std::ptrdiff_t>(begin);
      maxima.push_back(
          static_cast<double>(*std::max_element(first, first + static_cast<std::ptrdiff_t>(size))));
    }
  return maxima;
}

}  // namespace loopgate
