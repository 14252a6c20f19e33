// What exceeds a threshold, in clusters: one long event delays several stimuli in a row, and these are one
// observation of it. Pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace loopgate {

// The latencies of each replicate in the order of time, in ns.
using InOrder = std::vector<std::vector<std::int64_t>>;

struct Exceedances {
  std::int64_t threshold_ns = 0;
  std::size_t count = 0;  // stimuli above it
  // Of each cluster its largest, by how much it exceeds: above 0, in ns, in the order of time.
  std::vector<double> peaks_ns;
  std::vector<std::size_t> peaks_of_replicate;
  double extremal_index = 1;  // one by the mean number of stimuli in a cluster, were they infinitely many

  double mean_cluster() const { return static_cast<double>(count) / static_cast<double>(peaks_ns.size()); }
};

// The clusters are those of the intervals estimator (Ferro & Segers 2003, J. R. Statist. Soc. B 65, eq. 5 and
// section 4), which needs no length of a run that somebody chose. A replicate's end ends a cluster.
// `threshold_ns`: below the largest latency.
Exceedances exceedances_above(const InOrder& replicates, std::int64_t threshold_ns);

// The variance of the replicates' numbers of peaks over their mean: about 1 where they come by chance alone,
// more where replicates differ. 1 of fewer than three, and never below 1: chance does not make them surer.
double dispersion_of(const std::vector<std::size_t>& peaks_of_replicate);

// The largest of each `size` stimuli in a row, in ns, in the order of time; a rest at a replicate's end is
// left out.
std::vector<double> block_maxima(const InOrder& replicates, std::size_t size);

}  // namespace loopgate
