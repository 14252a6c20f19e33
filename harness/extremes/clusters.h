// What exceeds a threshold, in clusters: one long event delays several stimuli in a row, and these are one
// observation of it. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/latency_list.h"

namespace loopgate {

// The latencies of each replicate in the order of time, in ns.
using InOrder = std::vector<LatencyView>;

struct Exceedances {
  std::int64_t threshold_ns = 0;
  std::size_t count = 0;  // stimuli above it
  // Of each cluster its largest, by how much it exceeds: above 0, in ns, in the order of time.
  std::vector<double> peaks_ns;
  std::vector<std::size_t> peaks_of_replicate;
  double extremal_index = 1;  // one by the mean number of stimuli in a cluster, were they infinitely many
  // The mean square of a cluster's number of stimuli over its mean: as many independent stimuli say what one
  // of these says (the variance of a compound Poisson number is so many times its mean).
  double design_effect = 1;

  double mean_cluster() const { return static_cast<double>(count) / static_cast<double>(peaks_ns.size()); }
};

// From which index on exceedances count as independent: its estimate of those that are lies below 1, at 0.9
// to 1 for 1,000 of them, and dividing them would cut the tail's shape (-0.019 instead of -0.005).
inline constexpr double independent_from = 0.85;

// The clusters are those of the intervals estimator (Ferro & Segers 2003, J. R. Statist. Soc. B 65, eq. 5 and
// section 4), which needs no length of a run that somebody chose; equal gaps at the border divide only where
// longer ones do not suffice. A replicate's end ends a cluster.
// `threshold_ns`: below the largest latency.
Exceedances exceedances_above(const InOrder& replicates, std::int64_t threshold_ns);

// Their design effect alone, without keeping their peaks: half of all stimuli may be above.
double design_effect_above(const InOrder& replicates, std::int64_t threshold_ns);

// The largest latencies, so many or all there are, rising.
std::vector<std::int64_t> largest_of(const InOrder& replicates, std::size_t most);

// The variance of the replicates' numbers of peaks over their mean: about 1 where they come by chance alone,
// more where replicates differ. 1 of fewer than three, and never below 1: chance does not make them surer.
double dispersion_of(const std::vector<std::size_t>& peaks_of_replicate);

// The largest of each `size` stimuli in a row, in ns, in the order of time; a rest at a replicate's end is
// left out.
std::vector<double> block_maxima(const InOrder& replicates, std::size_t size);

}  // namespace loopgate
