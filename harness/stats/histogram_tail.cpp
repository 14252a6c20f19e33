#include "stats/histogram_tail.h"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

namespace loopgate {
namespace {

tl::unexpected<Error> refuse(const char* why) { return fail(ErrorKind::data, why); }

constexpr std::int64_t largest_ns = std::numeric_limits<std::int64_t>::max() / 2;  // 146 years

// Whether the end of the last bin fits.
bool fits(const LatencyHistogram& histogram) {
  if (histogram.first_ns < -largest_ns || histogram.first_ns > largest_ns) return false;
  return histogram.count.size() <= static_cast<std::uint64_t>(largest_ns / histogram.bin_width_ns);
}

bool lies_in(std::int64_t ns, const LatencyRange& range) {
  return ns >= range.low_ns && (!range.high_ns || ns <= *range.high_ns);
}

}  // namespace

HistogramTail::HistogramTail(LatencyHistogram histogram, CountRange censored)
    : histogram_(std::move(histogram)),
      censored_(censored),
      count_(std::accumulate(histogram_.count.begin(), histogram_.count.end(), histogram_.overflow)),
      from_bin_(histogram_.count.size() + 1) {
  for (std::size_t bin = histogram_.count.size(); bin-- > 0;)
    from_bin_[bin] = from_bin_[bin + 1] + histogram_.count[bin];
}

Result<HistogramTail> HistogramTail::make(LatencyHistogram histogram, CountRange censored) {
  if (histogram.bin_width_ns <= 0) return refuse("a histogram's bins must be wider than 0 ns");
  if (!fits(histogram)) return refuse("a histogram's bins must end below 146 years");
  if (histogram.resolution_ns <= 0 || histogram.resolution_ns > largest_ns)
    return refuse("a histogram's resolution must be above 0 ns, up to 146 years");
  if (histogram.overflow_unsure > histogram.overflow)
    return refuse("a histogram's latencies beyond its bins are fewer than those of them that are not sure");
  if (censored.most < censored.least)
    return refuse("a histogram's least number of unanswered stimuli is above the most");
  const auto min_ns = std::exchange(histogram.min_ns, std::nullopt);
  const auto max_ns = std::exchange(histogram.max_ns, std::nullopt);
  HistogramTail tail(std::move(histogram), censored);
  if (tail.count_ == 0 && (min_ns || max_ns))
    return refuse("a histogram of nothing has no smallest and no largest latency");
  if (min_ns && !lies_in(*min_ns, tail.min()))
    return refuse("a histogram's smallest latency is not in the first bin that holds any");
  if (max_ns && !lies_in(*max_ns, tail.max()))
    return refuse("a histogram's largest latency is not in the last bin that holds any");
  if (min_ns && max_ns && *min_ns > *max_ns)
    return refuse("a histogram's smallest latency is above its largest");
  tail.histogram_.min_ns = min_ns;
  tail.histogram_.max_ns = max_ns;
  return tail;
}

std::int64_t HistogramTail::lower_ns(std::size_t bin) const {
  return histogram_.first_ns + static_cast<std::int64_t>(bin) * histogram_.bin_width_ns;
}

CountRange HistogramTail::count_above(std::int64_t limit_ns) const {
  // The bin that the limit is in, below the first or beyond the last one where it is in none.
  const std::int64_t width = histogram_.bin_width_ns;
  const auto bins = histogram_.count.size();
  std::size_t begin_above = 0;  // the first bin that begins above the limit
  if (limit_ns >= histogram_.first_ns) {
    const auto offset =
        static_cast<std::uint64_t>(limit_ns) - static_cast<std::uint64_t>(histogram_.first_ns);
    begin_above = std::min<std::uint64_t>(offset / static_cast<std::uint64_t>(width) + 1, bins);
  }
  std::size_t end_above = begin_above;  // the first bin that ends above it
  if (end_above > 0 && upper_ns(end_above - 1) > limit_ns) --end_above;
  CountRange above{from_bin_[begin_above], from_bin_[end_above]};
  if (end_ns() > limit_ns) above.least += histogram_.overflow - histogram_.overflow_unsure;
  above.most += histogram_.overflow;  // whose latencies have no upper end
  if (histogram_.max_ns) {
    const LatencyRange largest = read_as(*histogram_.max_ns);
    if (limit_ns >= *largest.high_ns) above = 0;
    if (limit_ns < largest.low_ns) above.least = std::max<std::uint64_t>(above.least, 1);
  }
  if (histogram_.min_ns) {
    const LatencyRange smallest = read_as(*histogram_.min_ns);
    if (limit_ns < smallest.low_ns) above = {count_ - histogram_.overflow_unsure, count_};
    if (limit_ns >= *smallest.high_ns) above.most = std::min(above.most, count_ - 1);
  }
  above += censored_;
  return above;
}

LatencyRange HistogramTail::min() const {
  if (histogram_.min_ns) return read_as(*histogram_.min_ns);
  for (std::size_t bin = 0; bin < histogram_.count.size(); ++bin) {
    if (histogram_.count[bin] == 0) continue;
    const std::int64_t upper = upper_ns(bin);
    return {lower_ns(bin), histogram_.max_ns ? std::min(upper, *read_as(*histogram_.max_ns).high_ns) : upper};
  }
  return {end_ns(), histogram_.max_ns ? read_as(*histogram_.max_ns).high_ns : std::nullopt};
}

LatencyRange HistogramTail::max() const {
  if (histogram_.max_ns) return read_as(*histogram_.max_ns);
  const std::int64_t at_least = histogram_.min_ns.value_or(std::numeric_limits<std::int64_t>::min());
  if (histogram_.overflow > 0) return {std::max(end_ns(), at_least), std::nullopt};
  for (std::size_t bin = histogram_.count.size(); bin-- > 0;)
    if (histogram_.count[bin] > 0) return {std::max(lower_ns(bin), at_least), upper_ns(bin)};
  return {};
}

std::optional<std::int64_t> HistogramTail::open_beyond(std::int64_t limit_ns) const {
  const bool surely_longer = limit_ns < end_ns() && histogram_.overflow_unsure == 0;
  const bool at_largest = histogram_.max_ns && limit_ns >= *histogram_.max_ns;  // known to its resolution
  if (histogram_.overflow == 0 || surely_longer || at_largest) return std::nullopt;
  return end_ns();
}

}  // namespace loopgate
