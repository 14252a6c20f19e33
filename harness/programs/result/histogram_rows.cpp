#include "programs/result/histogram_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>
#include <utility>

namespace loopgate {
namespace {

constexpr std::uint64_t bins_max = 1ULL << 20U;  // of a file's own width; with more of them they are wider
constexpr std::uint64_t widest_row = 1'000'000;  // that rtla allows

using Rows = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

tl::unexpected<Error> contradiction(const ThreadTally& thread, const std::string& what) {
  return fail(ErrorKind::data, fmt::format("contradicts itself: thread {} {}", shown(thread.name), what),
              "take the file as the program wrote it, or measure again");
}

// A latency that is given as `at` may be in the row that begins at `begin`.
bool is_in_row(std::uint64_t at, std::uint64_t begin, std::uint64_t width) {
  return at >= begin && at - begin < width;
}

// The mean of all lies between what it would be were each latency at its row's begin, and at its end.
Status check_mean(const ThreadTally& thread, std::uint64_t width, std::uint64_t least_end) {
  if (!thread.mean || !thread.max || thread.binned == 0 || thread.overflow_unsure > 0) return {};
  const auto binned = static_cast<double>(thread.binned);
  const auto beyond = static_cast<double>(thread.overflow);
  const double all = binned + beyond;
  const double rounding = 1;
  const double least = (thread.binned_sum + beyond * static_cast<double>(least_end)) / all - rounding;
  const double most = (thread.binned_sum + binned * static_cast<double>(width) +
                       beyond * static_cast<double>(*thread.max + 1)) /
                          all +
                      rounding;
  if (*thread.mean >= least && *thread.mean <= most) return {};
  return contradiction(thread, fmt::format("has a mean of {:.6g}, and its rows one from {:.6g} to {:.6g}",
                                           *thread.mean, std::max(least, 0.0), most));
}

Status check_thread(const ThreadTally& thread, std::uint64_t width, std::uint64_t least_end) {
  if (thread.binned + thread.overflow == 0)
    return fail(ErrorKind::data, fmt::format("thread {} measured nothing", shown(thread.name)),
                "measure again; where it was not meant to, name the others with --thread");
  if (thread.min && thread.max && *thread.min > *thread.max)
    return contradiction(
        thread, fmt::format("has a smallest latency of {}, and a largest of {}", *thread.min, *thread.max));
  if (thread.min && thread.first && !is_in_row(*thread.min, *thread.first, width))
    return contradiction(thread, fmt::format("has a smallest latency of {}, and its first row is {}",
                                             *thread.min, *thread.first));
  if (thread.max && thread.overflow == 0 && thread.last && !is_in_row(*thread.max, *thread.last, width))
    return contradiction(thread, fmt::format("has a largest latency of {}, its last row is {}, and none is "
                                             "counted beyond its rows",
                                             *thread.max, *thread.last));
  if (thread.max && thread.overflow > 0 && *thread.max < least_end)
    return contradiction(thread,
                         fmt::format("counts {} {} beyond its rows, and the largest is {}", thread.overflow,
                                     thread.overflow == 1 ? "latency" : "latencies", *thread.max));
  return check_mean(thread, width, least_end);
}

// What of the bins is for sure: their width, and from where on those beyond them lie at the least.
struct Bins {
  std::uint64_t width = 1;
  std::uint64_t least_end = 0;
};

Bins bins_of(const HistogramRows& rows, const RowShape& shape, const std::optional<std::uint64_t>& max) {
  Bins bins;
  const bool told = shape.width > 0;
  bins.width = told ? shape.width : rows.step();
  if (bins.width == 0) bins.width = max.value_or(widest_row - 1) + 1;  // one row, from 0
  const bool sure = told || bins.width == 1 || rows.has_empty_rows();
  const std::optional<std::uint64_t> last = rows.last_begin();
  const std::uint64_t after_last = last ? *last + (sure ? bins.width : 1) : 0;
  bins.least_end = std::max(after_last, shape.end.value_or(0));
  return bins;
}

void fill(const Rows& sorted, Bins bins, std::uint64_t overflow, std::int64_t unit_ns,
          LatencyHistogram* latencies) {
  const std::uint64_t last = sorted.empty() ? 0 : sorted.back().first;
  std::uint64_t first = sorted.empty() ? 0 : sorted.front().first;
  const std::uint64_t needed = (last - first) / bins.width + 1;
  if (needed > bins_max) bins.width *= needed / bins_max + 1;
  first -= first % bins.width;
  if (sorted.empty()) {
    first = bins.least_end;
  } else {
    latencies->count.resize((last - first) / bins.width + 1);
  }
  for (const auto& [begin, count] : sorted) latencies->count[(begin - first) / bins.width] += count;
  latencies->overflow = overflow;
  if (overflow > 0 && !latencies->count.empty()) {
    std::uint64_t end = first + latencies->count.size() * bins.width;
    if (end > bins.least_end) {  // one beyond the bins may be in this one
      latencies->overflow += latencies->count.back();
      latencies->count.pop_back();
    }
    for (; end + bins.width <= bins.least_end && latencies->count.size() < bins_max; end += bins.width)
      latencies->count.push_back(0);
  }
  latencies->first_ns = static_cast<std::int64_t>(first) * unit_ns;
  latencies->bin_width_ns = static_cast<std::int64_t>(bins.width) * unit_ns;
}

}  // namespace

Status HistogramRows::add(std::uint64_t begin, std::uint64_t count) {
  if (begin > latency_units_max)
    return fail(ErrorKind::data, fmt::format("has a latency of {}, which can't be", begin));
  if (count > latency_count_max || count_ > latency_count_max - count)
    return fail(ErrorKind::data, fmt::format("counts {} latencies in one row, which can't be", count));
  step_ = std::gcd(step_, begin);
  last_begin_ = std::max(last_begin_.value_or(0), begin);
  has_empty_rows_ = has_empty_rows_ || count == 0;
  if (count == 0) return {};
  count_ += count;
  if (!rows_.empty() && rows_.back().first == begin) {
    rows_.back().second += count;
    return {};
  }
  if (rows_.size() == 2 * histogram_rows_max) rows_ = sorted();
  if (rows_.size() == 2 * histogram_rows_max)
    return fail(ErrorKind::data, fmt::format("has more than {} different latencies", rows_.size()),
                "measure with wider bins");
  rows_.emplace_back(begin, count);
  return {};
}

Rows HistogramRows::sorted() const {
  Rows sorted = rows_;
  std::ranges::sort(sorted);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    if (kept > 0 && sorted[kept - 1].first == sorted[i].first) {
      sorted[kept - 1].second += sorted[i].second;
    } else {
      sorted[kept++] = sorted[i];
    }
  }
  sorted.resize(kept);
  return sorted;
}

Status check_rises(std::uint64_t begin, std::uint64_t line, std::optional<std::uint64_t>* last) {
  const std::optional<std::uint64_t> before = std::exchange(*last, begin);
  if (!before || begin > *before) return {};
  return fail(
      ErrorKind::data,
      fmt::format("line {}: the row {} stands after the row {}: rows rise, each once", line, begin, *before),
      "take the file as the program wrote it, or measure again");
}

void ThreadTally::add(std::uint64_t begin, std::uint64_t count) {
  if (count == 0) return;
  binned += count;
  binned_sum += static_cast<double>(begin) * static_cast<double>(count);
  first = std::min(first.value_or(begin), begin);
  last = std::max(last.value_or(begin), begin);
}

Status put_latencies(const std::vector<ThreadTally>& threads, const HistogramRows& rows,
                     const RowShape& shape, SelfMeasurement* measurement) {
  LatencyHistogram& latencies = measurement->latencies;
  latencies.resolution_ns = shape.unit_ns;
  std::optional<std::uint64_t> min;
  std::optional<std::uint64_t> max;
  bool all_min = true;
  bool all_max = true;
  std::uint64_t overflow = 0;
  for (const ThreadTally& each : threads) {
    if (each.overflow > latency_count_max - overflow || each.max.value_or(0) > latency_units_max)
      return contradiction(each, "has numbers that can't be");
    overflow += each.overflow;
    latencies.overflow_unsure += each.overflow_unsure;
    all_min = all_min && each.min;
    all_max = all_max && each.max;
    if (each.min) min = std::min(min.value_or(*each.min), *each.min);
    if (each.max) max = std::max(max.value_or(*each.max), *each.max);
  }
  const Rows sorted = rows.sorted();
  const Bins bins = bins_of(rows, shape, all_max ? max : std::nullopt);
  if (!sorted.empty() && sorted.front().first % bins.width != 0)
    return fail(ErrorKind::data,
                fmt::format("has a row at {}, and its rows are {} wide", sorted.front().first, bins.width));
  const auto in_ns = [&](std::uint64_t units) { return static_cast<std::int64_t>(units) * shape.unit_ns; };
  for (const ThreadTally& each : threads) {
    TRY_STATUS(check_thread(each, bins.width, bins.least_end));
    ThreadLatencies& thread = measurement->threads.emplace_back();
    thread.name = each.name;
    thread.count = each.binned + each.overflow;
    thread.overflow = each.overflow;
    if (each.min) thread.min_ns = in_ns(*each.min);
    if (each.max) thread.max_ns = in_ns(*each.max);
  }
  fill(sorted, bins, overflow, shape.unit_ns, &latencies);
  if (all_min && min) latencies.min_ns = in_ns(*min);
  if (all_max && max) latencies.max_ns = in_ns(*max);
  if (!all_max && overflow > 0)
    measurement->remarks.emplace_back(
        "the largest latency is not told: those beyond the last bin have no upper end");
  return {};
}

}  // namespace loopgate
