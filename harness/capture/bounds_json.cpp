// bounds.json: what the report draws of a measurement in bounds. Declared here alone.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/time_base.h"
#include "capture/bounds_run.h"
#include "record/derived_files.h"
#include "stats/resolution.h"

namespace loopgate {
namespace {

using Bounds = nlohmann::ordered_json;

// More than a picture has columns: above it neighbours are drawn as one.
constexpr std::size_t drawn_bins_max = 4'000;

Bounds range_json(const LatencyRange& range) {
  return {range.low_ns, range.high_ns ? Bounds(*range.high_ns) : Bounds(nullptr)};
}

Bounds extreme_json(const std::optional<std::int64_t>& ns) { return ns ? Bounds(*ns) : Bounds(nullptr); }

struct DrawnBin {
  std::int64_t upper_ns = 0;  // not included
  std::uint64_t count = 0;
};

// By where they begin; those of several files that overlap are one.
using DrawnBins = std::map<std::int64_t, DrawnBin>;

DrawnBins bins_of(const BoundsRun& run) {
  DrawnBins bins;
  for (const LatencyHistogram& each : run.histograms) {
    for (std::size_t i = 0; i < each.count.size(); ++i) {
      if (each.count[i] == 0) continue;
      const std::int64_t lower = each.first_ns + static_cast<std::int64_t>(i) * each.bin_width_ns;
      DrawnBin& bin = bins[lower];
      bin.upper_ns = std::max(bin.upper_ns, lower + each.bin_width_ns);
      bin.count += each.count[i];
    }
  }
  DrawnBins whole;
  for (const auto& [lower, bin] : bins) {
    if (!whole.empty() && lower < whole.rbegin()->second.upper_ns) {
      DrawnBin& last = whole.rbegin()->second;
      last.upper_ns = std::max(last.upper_ns, bin.upper_ns);
      last.count += bin.count;
    } else {
      whole[lower] = bin;
    }
  }
  return whole;
}

DrawnBins drawn_bins(const BoundsRun& run) {
  DrawnBins bins = bins_of(run);
  if (bins.size() <= drawn_bins_max) return bins;
  const std::size_t together = bins.size() / drawn_bins_max + 1;
  DrawnBins fewer;
  std::size_t i = 0;
  DrawnBin* last = nullptr;
  for (const auto& [lower, bin] : bins) {
    if (i++ % together == 0) last = &fewer[lower];
    last->upper_ns = bin.upper_ns;
    last->count += bin.count;
  }
  return fewer;
}

Bounds histogram_json_of(const BoundsRun& run) {
  Bounds lower = Bounds::array();
  Bounds upper = Bounds::array();
  Bounds count = Bounds::array();
  for (const auto& [begin, bin] : drawn_bins(run)) {
    lower.push_back(begin);
    upper.push_back(bin.upper_ns);
    count.push_back(bin.count);
  }
  Bounds beyond = nullptr;  // the last, open bin
  std::uint64_t overflow = 0;
  std::optional<std::int64_t> begin;
  for (const LatencyHistogram& each : run.histograms) {
    if (each.overflow == 0) continue;
    overflow += each.overflow;
    const std::int64_t end = each.first_ns + static_cast<std::int64_t>(each.count.size()) * each.bin_width_ns;
    begin = std::min(begin.value_or(end), end);
  }
  if (begin) {
    const LatencyRange max = run.group().pooled->max();
    beyond = {{"lower_ns", *begin}, {"upper_ns", extreme_json(max.high_ns)}, {"count", overflow}};
  }
  return {{"lower_ns", std::move(lower)},
          {"upper_ns", std::move(upper)},
          {"count", std::move(count)},
          {"beyond", std::move(beyond)}};
}

Bounds latency_json(const Tail& tail) {
  if (tail.count() == 0) return nullptr;
  Bounds figures = {{"min", range_json(tail.min())}};
  for (const Quantity& each : quantiles)
    figures[each.key] = is_resolved(each.per_million, tail.total().least)
                            ? range_json(tail.quantile(each.per_million))
                            : Bounds(nullptr);
  figures["max"] = range_json(tail.max());
  return figures;
}

}  // namespace

std::string bounds_json(const BoundsRun& run) {
  const GroupEvidence& group = run.group();
  Bounds facts = Bounds::array();
  for (const auto& [name, value] : run.facts) facts.push_back({{"name", name}, {"value", value}});
  Bounds threads = Bounds::array();
  for (const ThreadLatencies& each : run.threads)
    threads.push_back({{"name", each.name},
                       {"count", each.count},
                       {"overflow", each.overflow},
                       {"min_ns", extreme_json(each.min_ns)},
                       {"max_ns", extreme_json(each.max_ns)}});
  Bounds invalid = Bounds::array();
  for (const UnmeasuredCell& each : group.invalid)
    invalid.push_back({{"cell", each.cell}, {"reason", each.reason}});
  const CountRange censored = group.pooled->censored();
  const Bounds document = {{"format", 1},
                           {"time_base", name_of(run.evidence.time_base)},
                           {"unit", "ns"},
                           {"suite", run.evidence.suite.name},
                           {"board", run.evidence.board.name},
                           {"kernel", group.kernel},
                           {"load", group.load},
                           {"measured_by", run.measured_by},
                           {"self_measured", !run.evidence.self_measured_by.empty()},
                           {"resolution_ns", run.resolution_ns},
                           {"count", group.pooled->count()},
                           {"unanswered", {censored.least, censored.most}},
                           {"latency_bounds_ns", latency_json(*group.pooled)},
                           {"histogram", histogram_json_of(run)},
                           {"threads", std::move(threads)},
                           {"invalid", std::move(invalid)},
                           {"facts", std::move(facts)},
                           {"remarks", run.remarks},
                           {"not_known", run.not_known}};
  return document.dump(1, ' ', false, Bounds::error_handler_t::replace) + "\n";
}

Result<BoundsRun> compute_bounds(const std::filesystem::path& folder) {
  TRY_STATUS(remove_statistics(folder));
  TRY(run, read_bounds(folder));
  TRY_STATUS(write_file_atomically(folder / "bounds.json", bounds_json(run)));
  return run;
}

}  // namespace loopgate
