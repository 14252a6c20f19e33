// The replicates of all null variants as one pool, and runs that are drawn from it. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "stats/comparison.h"
#include "stats/summary.h"

namespace loopgate {

struct PooledReplicate {
  CellStatistics statistics;  // counts and sorted latencies
  Replicate replicate;        // with its course
};

// A kernel x load, its replicates variant by variant: `replicates` of each.
struct PooledGroup {
  std::string kernel;
  std::string load;
  std::vector<PooledReplicate> replicates;
  std::vector<Stationarity> stationarity;  // of each variant
  LatencyFigures figures;                  // of all of them
  std::vector<std::int64_t> sorted_ns;
};

struct ReplicatePool {
  Comparison description;  // of the first variant: its groups are named, and have no figures
  std::size_t variants = 0;
  std::size_t replicates = 0;  // of a kernel x load in one variant
  std::vector<PooledGroup> groups;

  std::size_t size() const { return variants * replicates; }
};

// An error where a cell is not measured (a kernel's where its kernel failed, else of the infrastructure) or a
// variant has other groups or another number of replicates; `names` are the variants' own. At least two.
Result<ReplicatePool> pool_variants(const std::vector<Comparison>& variants,
                                    const std::vector<std::string>& names);

// A kernel x load made of these replicates: its figures are computed as those of a run are.
GroupEvidence group_of(const PooledGroup& group, const std::vector<const PooledReplicate*>& replicates);

// The replicates of the pool by their places in it, in the order given.
std::vector<const PooledReplicate*> replicates_at(const PooledGroup& group,
                                                  const std::vector<std::size_t>& places);

// A run of these replicates, which says nothing of drift, since they have no common order in time: for every
// kernel x load those at the same places, since equal repetitions share their schedule.
Comparison run_of(const ReplicatePool& pool, const std::vector<std::size_t>& places);

// A variant as it was measured, its drift included; from 0.
Comparison whole_variant(const ReplicatePool& pool, std::size_t variant);

// The latencies of a replicate, sorted and in the order of time.
struct ReplicateLatencies {
  Latencies sorted;
  Course in_time;
};

// Of latencies that have changed, all else as it is.
PooledReplicate with_latencies(const PooledReplicate& replicate, ReplicateLatencies latencies,
                               std::int64_t deadline_ns);

}  // namespace loopgate
