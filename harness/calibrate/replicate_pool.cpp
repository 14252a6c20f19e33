#include "calibrate/replicate_pool.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <numeric>
#include <utility>

#include "base/text.h"
#include "gate/verdict.h"
#include "stats/exact_tail.h"

namespace loopgate {
namespace {

tl::unexpected<Error> refuse(ErrorKind kind, const std::string& variant, const std::string& what) {
  return fail(kind, fmt::format("{}: {}", variant, what),
              "call `loopgate calibrate` again: what is measured is kept, and this is measured anew");
}

// Replicates in the order of their repetitions, each with its samples.
Status add_replicates(const GroupEvidence& from, const std::string& variant, std::size_t expected,
                      PooledGroup* group) {
  if (!from.invalid.empty()) {
    const UnmeasuredCell& cell = from.invalid.front();
    return refuse(
        cell.kernel_failed() ? ErrorKind::kernel : ErrorKind::infrastructure, variant,
        fmt::format("the cell {} is not measured ({}): {}", cell.cell, cell.outcome, printable(cell.reason)));
  }
  if (from.replicates.size() != expected)
    return refuse(ErrorKind::data, variant,
                  fmt::format("{} x {} has {} replicates, and the first variant's have {}", from.kernel,
                              from.load, from.replicates.size(), expected));
  for (const Replicate& each : from.replicates) {
    const auto tail = std::dynamic_pointer_cast<const ExactTail>(each.tail);
    if (tail == nullptr || each.course == nullptr || !each.latency_with_not_sent)
      return refuse(ErrorKind::infrastructure, variant, fmt::format("the cell {} has no latency", each.cell));
    CellStatistics statistics;
    statistics.counts = each.counts;
    statistics.latencies = tail->latencies();
    statistics.decisions = each.decisions;
    group->replicates.push_back({std::move(statistics), each});
  }
  return {};
}

void sum_up(PooledGroup* group) {
  CellStatistics all;
  for (const PooledReplicate& each : group->replicates) pool(each.statistics, &all);
  group->figures = *summarize(all).latency_with_not_sent;  // every replicate has some
  std::vector<std::int64_t>& sorted = group->sorted_ns;
  sorted = std::move(all.latencies.answered_ns);
  const auto middle = static_cast<std::ptrdiff_t>(sorted.size());
  sorted.insert(sorted.end(), all.latencies.not_sent_ns.begin(), all.latencies.not_sent_ns.end());
  std::inplace_merge(sorted.begin(), sorted.begin() + middle, sorted.end());
}

}  // namespace

Result<ReplicatePool> pool_variants(const std::vector<Comparison>& variants,
                                    const std::vector<std::string>& names) {
  ReplicatePool pool;
  pool.variants = variants.size();
  pool.description = variants.front();
  pool.replicates = pool.description.groups.front().cells.size();
  for (GroupEvidence& group : pool.description.groups) {
    PooledGroup& pooled = pool.groups.emplace_back();
    pooled.kernel = group.kernel;
    pooled.load = group.load;
    for (std::size_t i = 0; i < variants.size(); ++i) {
      const GroupEvidence* from = find_group(variants[i], group.kernel, group.load);
      if (from == nullptr)
        return refuse(ErrorKind::data, names[i], fmt::format("has no {} x {}", group.kernel, group.load));
      TRY_STATUS(add_replicates(*from, names[i], pool.replicates, &pooled));
      pooled.stationarity.push_back(from->stationarity);
    }
    sum_up(&pooled);
    group = GroupEvidence{group.kernel, group.load, {}, {}, {}, {}, nullptr};
  }
  return pool;
}

GroupEvidence group_of(const PooledGroup& group, const std::vector<const PooledReplicate*>& replicates) {
  GroupEvidence evidence{group.kernel, group.load, {}, {}, {}, {}, nullptr};
  CellStatistics pooled;
  std::vector<std::shared_ptr<const Tail>> tails;
  for (const PooledReplicate* each : replicates) {
    pool(each->statistics, &pooled);
    tails.push_back(each->replicate.tail);
    evidence.cells.push_back(each->replicate.cell);
    evidence.replicates.push_back(each->replicate);
  }
  evidence.summary = summarize(pooled);
  evidence.pooled = std::make_shared<PooledTail>(std::move(tails));
  return evidence;
}

std::vector<const PooledReplicate*> replicates_at(const PooledGroup& group,
                                                  const std::vector<std::size_t>& places) {
  std::vector<const PooledReplicate*> replicates;
  for (const std::size_t place : places) replicates.push_back(&group.replicates[place]);
  return replicates;
}

Comparison run_of(const ReplicatePool& pool, const std::vector<std::size_t>& places) {
  Comparison run = pool.description;
  for (std::size_t i = 0; i < pool.groups.size(); ++i)
    run.groups[i] = group_of(pool.groups[i], replicates_at(pool.groups[i], places));
  return run;
}

Comparison whole_variant(const ReplicatePool& pool, std::size_t variant) {
  std::vector<std::size_t> places(pool.replicates);
  std::iota(places.begin(), places.end(), variant * pool.replicates);
  Comparison run = run_of(pool, places);
  for (std::size_t i = 0; i < pool.groups.size(); ++i)
    run.groups[i].stationarity = pool.groups[i].stationarity[variant];
  return run;
}

PooledReplicate with_latencies(const PooledReplicate& replicate, ReplicateLatencies latencies,
                               std::int64_t deadline_ns) {
  PooledReplicate changed{{}, replicate.replicate};
  changed.statistics.counts = replicate.statistics.counts;
  changed.statistics.decisions = replicate.statistics.decisions;
  const std::vector<std::int64_t>& answered = latencies.sorted.answered_ns;
  const auto late = std::upper_bound(answered.begin(), answered.end(), deadline_ns);
  changed.statistics.counts.late = static_cast<std::uint64_t>(answered.end() - late);
  changed.statistics.latencies = std::move(latencies.sorted);
  const Summary summary = summarize(changed.statistics);
  changed.replicate.counts = summary.counts;
  changed.replicate.latency = summary.latency;
  changed.replicate.latency_with_not_sent = summary.latency_with_not_sent;
  changed.replicate.tail = std::make_shared<ExactTail>(changed.statistics.latencies);
  changed.replicate.course = std::make_shared<const Course>(std::move(latencies.in_time));
  return changed;
}

}  // namespace loopgate
