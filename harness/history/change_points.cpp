#include "history/change_points.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/random_draws.h"

namespace loopgate {
namespace {

struct Split {
  std::size_t at = 0;  // 0: the segment is too short for one
  double q = 0;
};

// Sums and counts of values by their rank, so that the sum of distances to all of them takes log n.
class RankedSums {
 public:
  explicit RankedSums(std::size_t size) : sums_(size + 1), counts_(size + 1) {}
  void add(std::size_t rank, double value) {
    for (std::size_t i = rank + 1; i < sums_.size(); i += i & (~i + 1)) {
      sums_[i] += value;
      counts_[i] += 1;
    }
    sum_ += value;
    count_ += 1;
  }
  double distance_to(std::size_t rank, double value) const {
    double sum = 0;
    double count = 0;
    for (std::size_t i = rank + 1; i > 0; i -= i & (~i + 1)) {
      sum += sums_[i];
      count += counts_[i];
    }
    return value * count - sum + (sum_ - sum) - value * (count_ - count);
  }

 private:
  std::vector<double> sums_;
  std::vector<double> counts_;
  double sum_ = 0;
  double count_ = 0;
};

// A segment's values, each with its rank among them.
struct Segment {
  std::size_t begin = 0;
  std::vector<double> values;
  std::vector<std::size_t> ranks;
};

Segment segment_of(const std::vector<double>& all, std::size_t begin, std::size_t end) {
  Segment segment{
      begin,
      {all.begin() + static_cast<std::ptrdiff_t>(begin), all.begin() + static_cast<std::ptrdiff_t>(end)},
      {}};
  const double mean =
      std::accumulate(segment.values.begin(), segment.values.end(), 0.0) / static_cast<double>(end - begin);
  for (double& value : segment.values) value -= mean;  // distances alone count, and small sums round less
  std::vector<double> sorted = segment.values;
  std::ranges::sort(sorted);
  for (const double value : segment.values)
    segment.ranks.push_back(
        static_cast<std::size_t>(std::ranges::lower_bound(sorted, value) - sorted.begin()));
  return segment;
}

// The scaled energy statistic of n values beside m others, from the sums of the distances between them and
// within each.
double energy(double n, double m, double between, double left, double right) {
  const double e = 2 * between / (n * m) - 2 * left / (n * (n - 1)) - 2 * right / (m * (m - 1));
  return n * m / (n + m) * e;
}

Split best_split(const Segment& segment, std::size_t least) {
  const std::size_t size = segment.values.size();
  Split best;
  if (size < 2 * least) return best;
  RankedSums all(size);
  double right = 0;  // sums of distances: among those on the right, on the left, and between both
  for (std::size_t i = 0; i < size; ++i) {
    right += all.distance_to(segment.ranks[i], segment.values[i]);
    all.add(segment.ranks[i], segment.values[i]);
  }
  double left = 0;
  double between = 0;
  RankedSums on_left(size);
  for (std::size_t i = 0; i + least < size; ++i) {
    const double value = segment.values[i];
    const double to_left = on_left.distance_to(segment.ranks[i], value);
    const double to_right = all.distance_to(segment.ranks[i], value) - to_left;
    left += to_left;
    right -= to_right;
    between += to_right - to_left;
    on_left.add(segment.ranks[i], value);
    if (i + 1 < least) continue;
    const double q =
        energy(static_cast<double>(i + 1), static_cast<double>(size - i - 1), between, left, right);
    if (best.at == 0 || q > best.q) best = {i + 1, q};
  }
  return best;
}

void shuffle(Segment* segment, RandomDraws* draws) {
  for (std::size_t i = segment->values.size(); i > 1; --i) {
    const std::size_t other = draws->below(i);
    std::swap(segment->values[i - 1], segment->values[other]);
    std::swap(segment->ranks[i - 1], segment->ranks[other]);
  }
}

// The share of permutations within all segments, and of what was seen, of which a split is at least as good.
// Ends early where it is above `significance` for sure; the share is then of those that were drawn.
double p_of(double q, std::vector<Segment> segments, const ChangeRules& rules, RandomDraws* draws) {
  const double as_good = q - 1e-9 * std::abs(q) - 1e-12;  // rounding is no difference
  std::uint64_t reached = 1;
  for (std::uint64_t drawn = 0; drawn < rules.permutations; ++drawn) {
    bool reaches = false;
    for (Segment& segment : segments) {
      shuffle(&segment, draws);
      const Split split = best_split(segment, rules.least_runs);
      reaches |= split.at > 0 && split.q >= as_good;
    }
    if (!reaches) continue;
    ++reached;
    const double p = static_cast<double>(reached) / static_cast<double>(rules.permutations + 1);
    if (p > rules.significance) return p;
  }
  return static_cast<double>(reached) / static_cast<double>(rules.permutations + 1);
}

}  // namespace

std::vector<ChangePoint> change_points(const std::vector<double>& values, const ChangeRules& rules) {
  std::vector<ChangePoint> found;
  std::vector<Segment> segments = {segment_of(values, 0, values.size())};
  RandomDraws draws(rules.seed);
  while (true) {
    std::size_t where = segments.size();
    Split best;
    for (std::size_t i = 0; i < segments.size(); ++i) {
      const Split split = best_split(segments[i], rules.least_runs);
      if (split.at == 0 || (best.at > 0 && split.q <= best.q)) continue;
      best = split;
      where = i;
    }
    if (where == segments.size()) break;
    const double p = p_of(best.q, segments, rules, &draws);
    if (p > rules.significance) break;
    const std::size_t begin = segments[where].begin;
    const std::size_t end = begin + segments[where].values.size();
    found.push_back({begin + best.at, p});
    segments[where] = segment_of(values, begin, begin + best.at);
    segments.push_back(segment_of(values, begin + best.at, end));
  }
  std::ranges::sort(found, {}, &ChangePoint::at);
  return found;
}

}  // namespace loopgate
