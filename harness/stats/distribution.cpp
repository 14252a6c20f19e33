#include "stats/distribution.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace loopgate {
namespace {

constexpr std::int64_t int64_max = std::numeric_limits<std::int64_t>::max();

std::vector<std::int64_t> make_edges() {
  std::vector<std::int64_t> edges = {0};
  std::int64_t decade = 1;
  for (int exponent = 0; exponent <= 18; ++exponent) {  // 10^18 is the last power of ten in 64 bits
    for (int i = 0; i < bins_per_decade; ++i) {
      const long double edge =
          static_cast<long double>(decade) *
          std::pow(10.0L, static_cast<long double>(i) / static_cast<long double>(bins_per_decade));
      if (edge >= static_cast<long double>(int64_max)) break;
      const std::int64_t rounded = std::llround(edge);
      if (rounded > edges.back()) edges.push_back(rounded);
    }
    if (exponent < 18) decade *= 10;
  }
  edges.push_back(int64_max);
  return edges;
}

void add_bin(std::int64_t lower_ns, std::int64_t upper_ns, std::ptrdiff_t count, Histogram* histogram) {
  histogram->lower_ns.push_back(lower_ns);
  histogram->upper_ns.push_back(upper_ns);
  histogram->count.push_back(static_cast<std::uint64_t>(count));
}

// The places of the distinct latencies that are drawn: all of them, or the largest ones and the rest evenly
// thinned, the smallest included.
std::vector<std::size_t> chosen(std::size_t distinct) {
  std::vector<std::size_t> places;
  if (distinct <= exceedance_points_max) {
    for (std::size_t i = 0; i < distinct; ++i) places.push_back(i);
    return places;
  }
  const std::size_t thinned = exceedance_points_max - exceedance_largest_kept;
  const std::size_t rest = distinct - exceedance_largest_kept;
  for (std::size_t i = 0; i < thinned; ++i) places.push_back(i * rest / thinned);
  for (std::size_t i = rest; i < distinct; ++i) places.push_back(i);
  return places;
}

}  // namespace

const std::vector<std::int64_t>& histogram_edges() {
  static const std::vector<std::int64_t> edges = make_edges();
  return edges;
}

Histogram histogram_of(const std::vector<std::int64_t>& sorted_ns) {
  Histogram histogram;
  auto from = std::lower_bound(sorted_ns.begin(), sorted_ns.end(), std::int64_t{0});
  if (from != sorted_ns.begin()) add_bin(sorted_ns.front(), 0, from - sorted_ns.begin(), &histogram);
  const std::vector<std::int64_t>& edges = histogram_edges();
  while (from != sorted_ns.end()) {
    auto edge = std::upper_bound(edges.begin(), edges.end(), *from);
    if (edge == edges.end()) --edge;  // the largest number itself: its bin takes its upper edge in
    const bool last = edge + 1 == edges.end();
    const auto to = last ? sorted_ns.end() : std::lower_bound(from, sorted_ns.end(), *edge);
    add_bin(*(edge - 1), *edge, to - from, &histogram);
    from = to;
  }
  return histogram;
}

Exceedance exceedance_of(const std::vector<std::int64_t>& sorted_ns) {
  Exceedance exceedance;
  exceedance.of = sorted_ns.size();
  std::vector<std::int64_t> distinct;
  std::unique_copy(sorted_ns.begin(), sorted_ns.end(), std::back_inserter(distinct));
  for (const std::size_t place : chosen(distinct.size())) {
    const auto first_above = std::upper_bound(sorted_ns.begin(), sorted_ns.end(), distinct[place]);
    exceedance.latency_ns.push_back(distinct[place]);
    exceedance.count_above.push_back(static_cast<std::uint64_t>(sorted_ns.end() - first_above));
  }
  return exceedance;
}

}  // namespace loopgate
