// Boots as replicates: what a few of them say about all. The boot, not the sample, is the unit, since
// samples of one boot share what that boot drew (memory layout, placement of threads, state of the board).
// Pure.
//
// How many of all boots keep a budget is unknown; R of them were measured. Each boot is first judged by its
// own stimuli, with a chance of at most 1 - c to be seen to keep it when it does not, so a boot is seen to
// keep it with a probability of at most q = p + (1 - p)(1 - c), where p is the share of all boots that do.
// The number of those seen is binomial, whatever the distribution between boots: the lower Clopper-Pearson
// bound of q gives that of p. For p = 1/2 this is the sign test on the median boot (Dixon & Mood 1946, JASA
// 41, p. 557), which is exact for any number of boots.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "gate/verdict.h"

namespace loopgate {

// How many of a boot's stimuli took longer than a limit.
struct BootShare {
  std::uint64_t above = 0;
  std::uint64_t total = 0;  // above 0
};

struct BootTally {
  std::uint64_t keep = 0;  // seen to keep the limit
  std::uint64_t miss = 0;  // seen not to
  std::uint64_t open = 0;  // too few stimuli of it to say
  std::uint64_t boots() const { return keep + miss + open; }
};

// Each boot by itself, at the same confidence: does at most `share` of it take longer?
BootTally tally_boots(const std::vector<BootShare>& boots, double share, double confidence);

// At least this share of all boots keeps (or misses) the limit after `seen` of `boots` were seen to.
double share_of_boots_lower_bound(std::uint64_t seen, std::uint64_t boots, double confidence);

// PASS when at least `share_of_boots` of all boots keep the limit, FAIL when fewer do, each at the
// confidence; else INCONCLUSIVE.
VerdictKind judge_boots(const BootTally& tally, double share_of_boots, double confidence);

// Whether stimuli alone could decide: the boots that are open all turn out alike, and that is enough.
bool more_stimuli_could_decide(const BootTally& tally, double share_of_boots, double confidence);

// How many boots in all would decide if those to come turned out as those that were (all of them to keep it,
// when none is decided yet); more than there are. Nothing when no number up to 1,000 would.
std::optional<std::uint64_t> boots_to_decide(const BootTally& tally, double share_of_boots,
                                             double confidence);

}  // namespace loopgate
