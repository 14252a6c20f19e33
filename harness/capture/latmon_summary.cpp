#include "capture/latmon_summary.h"

#include <algorithm>
#include <numeric>

#include "stats/resolution.h"

namespace loopgate {
namespace {

std::uint64_t histogram_total(const LatmonData& data) {
  return std::accumulate(data.histogram.begin(), data.histogram.end(), std::uint64_t{0});
}

// Where the histogram's sample of this rank (from 1) may lie; the last cell, and what is beyond the
// histogram, has no upper end.
LatencyRange place_of(const LatmonData& data, std::uint64_t rank) {
  std::uint64_t below = 0;
  for (std::size_t cell = 0; cell + 1 < data.histogram.size(); ++cell) {
    below += data.histogram[cell];
    const auto lower = static_cast<std::int64_t>(cell) * latmon_cell_ns;
    if (rank <= below) return {lower, lower + latmon_cell_ns - 1};
  }
  if (data.histogram.empty()) return {};
  return {static_cast<std::int64_t>(data.histogram.size() - 1) * latmon_cell_ns, std::nullopt};
}

LatencyRange bounds_of(const LatmonData& data, const LatmonSummary& summary, std::uint64_t rank) {
  const LatencyRange low = place_of(data, rank);
  const LatencyRange high = place_of(data, rank + summary.extra + summary.overruns);
  // Where warm-up samples alone lie below the least counted one, or above the largest.
  const std::int64_t low_ns = std::min(std::max(low.low_ns, summary.min_ns), summary.max_ns);
  const std::int64_t high_ns = std::min(high.high_ns.value_or(summary.max_ns), summary.max_ns);
  return {low_ns, std::max(high_ns, low_ns)};
}

}  // namespace

std::optional<LatmonSummary> summarize(const LatmonData& data) {
  if (data.records.empty()) return std::nullopt;
  LatmonSummary summary;
  summary.min_ns = data.records.front().min_ns;
  summary.overruns = data.overruns_at_end;
  double sum_ns = 0;
  for (const LatmonRecord& record : data.records) {
    summary.samples += record.samples;
    summary.overruns += record.overruns;
    summary.min_ns = std::min(summary.min_ns, std::int64_t{record.min_ns});
    summary.max_ns = std::max(summary.max_ns, std::int64_t{record.max_ns});
    sum_ns += static_cast<double>(record.sum_ns);
  }
  summary.mean_ns = sum_ns / static_cast<double>(summary.samples);
  const std::uint64_t total = histogram_total(data);
  summary.extra = total > summary.samples ? total - summary.samples : 0;
  for (std::size_t i = 0; i < quantiles.size(); ++i) {
    if (!is_resolved(quantiles[i].per_million, summary.samples)) continue;
    summary.quantile[i] = bounds_of(data, summary, nearest_rank(summary.samples, quantiles[i].per_million));
  }
  return summary;
}

CountRange count_above(const LatmonData& data, const LatmonSummary& summary, std::int64_t limit_ns) {
  if (limit_ns >= summary.max_ns) return {0, 0};
  if (limit_ns < summary.min_ns) return {summary.samples, summary.samples};
  CountRange bounds{0, summary.samples};
  if (!data.histogram.empty()) {
    std::uint64_t surely = 0;    // in cells that begin above the limit
    std::uint64_t possibly = 0;  // in cells that end above it
    for (std::size_t cell = 0; cell < data.histogram.size(); ++cell) {
      const auto lower = static_cast<std::int64_t>(cell) * latmon_cell_ns;
      if (lower > limit_ns) surely += data.histogram[cell];
      if (lower + latmon_cell_ns - 1 > limit_ns || cell + 1 == data.histogram.size())
        possibly += data.histogram[cell];
    }
    bounds.least = surely > summary.extra ? surely - summary.extra : 0;
    bounds.most = std::min(possibly + summary.overruns, summary.samples);
  }
  // The largest was above it.
  bounds.least = std::max<std::uint64_t>(bounds.least, 1);
  bounds.most = std::max(bounds.most, bounds.least);
  return bounds;
}

}  // namespace loopgate
