// Whether stimuli that exceed a limit come in clusters: one long event delays several in a row, and these say
// less than as many independent ones. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "extremes/clusters.h"
#include "stats/comparison.h"

namespace loopgate {

// The latencies of each replicate in the order of time; empty where a replicate's are not known so.
InOrder in_order(const GroupEvidence& group);

// The design effect (extremes/clusters.h) of the stimuli above the limit, or of the largest 100 where that is
// larger: how slow stimuli hang together shows in few of them badly, and of none not at all. Bursts of which
// none was seen are in no figure. 1 where their order is not known.
double design_effect_above(const GroupEvidence& group, std::int64_t limit_ns);

// The same for one limit after another, such as in the search for the least that is kept: what no limit
// changes is computed once. The group must outlive it.
class Clustering {
 public:
  explicit Clustering(const GroupEvidence& group);
  double design_effect_above(std::int64_t limit_ns) const;

 private:
  InOrder replicates_;
  std::optional<std::int64_t>
      below_largest_ns_;  // what the largest 100 are above; nothing: there are no more
  double effect_of_largest_ = 1;
};

}  // namespace loopgate
