// What a few replicates say about all of them. Where runs differ by more than their samples do (on a board,
// where each replicate is a boot), the replicate is the unit and not the sample, since the samples of one
// share what it drew: memory layout, placement of threads, state of the board. Pure.
//
// The fraction of all replicates that keep a budget is unknown; R of them were measured. Each is first judged
// by its own stimuli, with a chance of at most 1 - c to be seen to keep it when it does not, so one is seen
// to keep it with a probability of at most q = p + (1 - p)(1 - c), where p is the fraction that does. The
// number of those seen is binomial, whatever the distribution between replicates: the lower Clopper-Pearson
// bound of q gives that of p. For p = 1/2 this is the sign test on the median replicate (Dixon & Mood 1946,
// JASA 41, p. 557), which is exact for any number of them.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "gate/confidence.h"
#include "gate/verdict.h"
#include "stats/tail.h"

namespace loopgate {

// How many of a replicate's stimuli took longer than a limit, or of its decisions were wrong.
struct ReplicateShare {
  CountRange above;
  CountRange total;  // of nothing, nothing is shown: such a replicate stays open
};

struct ReplicateTally {
  std::uint64_t keep = 0;  // seen to keep the limit
  std::uint64_t miss = 0;  // seen not to
  std::uint64_t open = 0;  // too few stimuli of it to say
  std::uint64_t replicates() const { return keep + miss + open; }
};

// Each replicate by itself, at the same confidence: does at most `share` of it take longer?
ReplicateTally tally_replicates(const std::vector<ReplicateShare>& replicates, double share,
                                double confidence);

// At least this share of all replicates keeps (or misses) the limit after `seen` of `replicates` were seen
// to, each judged at the confidence `of_each`.
double replicate_fraction_lower_bound(std::uint64_t seen, std::uint64_t replicates, double confidence,
                                      double of_each);

// PASS when at least `min_replicate_fraction` of all replicates keep the limit, FAIL when fewer do, each at
// the confidence; else INCONCLUSIVE.
VerdictKind judge_replicates(const ReplicateTally& tally, double min_replicate_fraction,
                             const Confidence& confidence);

// Whether stimuli alone could decide: the replicates that are open all turn out alike, and that is enough.
bool more_stimuli_could_decide(const ReplicateTally& tally, double min_replicate_fraction,
                               const Confidence& confidence);

// How many replicates in all would decide if those to come turned out as those that were (all of them to keep
// it, when none is decided yet); more than there are. Nothing when no number up to 1,000 would.
std::optional<std::uint64_t> replicates_to_decide(const ReplicateTally& tally, double min_replicate_fraction,
                                                  const Confidence& confidence);

}  // namespace loopgate
