// Single checks: one quantity of one kernel x load held against one limit. There is one of each kind,
// whatever the evidence came as (single samples, a histogram, bounds) and whatever is counted. Pure.
//
// A quantile budget and an `exceed` budget are the same question: does at most the share s of all stimuli
// take longer than L? (A quantile p is at most L just when at most 1 - p are above L.) It is answered by how
// many of n stimuli were above L: PASS when the upper confidence bound of the share is at most s, FAIL when
// the lower one is above s, else INCONCLUSIVE. Unanswered stimuli are above every limit. One that was not
// sent is above L when the response that it waited for came more than L after it was due. Where the evidence
// is bounds, PASS takes the most that can be above, FAIL the least.
//
// Stimuli that come in clusters count for fewer (clustering.h). Where replicates are counted, that question
// is put to each of them: see replicate_tally.h; where what exceeded gathers in few of them (gathering.h), to
// all together and to each. A maximum, a spread or a count is a fact about all stimuli: broken once, it is
// FAIL; kept, it passes only when so many replicates kept it that enough of all do, and where so few stimuli
// would have shown too little, not at all (Policy::min_stimuli).
#pragma once

#include "base/units.h"
#include "gate/confidence.h"
#include "gate/policy.h"
#include "gate/verdict.h"
#include "stats/comparison.h"

namespace loopgate {

// What the policy asks of all evidence.
struct Criteria {
  CountUnit count = CountUnit::samples;
  Confidence confidence = 0.95;
  double min_replicate_fraction = 0.5;          // of all replicates, how many must keep a budget
  TimeBase time_base = TimeBase::virtual_time;  // whose hours a rate is of
  Noun counted = stimuli_noun;                  // what the evidence is of
  std::uint64_t min_stimuli = 1;                // of all replicates, before a maximum, spread or count passes
  std::int64_t guard_band_ns = 0;               // about each latency's limit (guard_band.h)
  bool bench_trusted = true;                    // Comparison's
};

Check check_limit(const GroupEvidence& group, const Limit& limit, const Criteria& criteria);
// Of all stimuli, or by the hour.
Check check_exceed(const GroupEvidence& group, const ExceedLimit& limit, const Criteria& criteria);
// By the hour, without a guard band (rate_check.cpp): what was seen decides where it can, a Poisson number of
// events. Where it was measured for too short a time, its tail is continued (extremes/tail_rate.h), or it is
// said why not.
Check check_rate(const GroupEvidence& group, const ExceedLimit& limit, const Criteria& criteria);
// Of the decisions for the right frame: those for another are not judged to be right or wrong. The bound
// takes the decisions of what is counted for independent draws; a camera that repeats its parts makes it
// somewhat too narrow. Where replicates are counted, each is judged by its own decisions: pooled, the others
// would dilute one that is mostly wrong, and the bound would be narrower than replicates differ.
Check check_wrong_fraction(const GroupEvidence& group, double max_fraction, const Criteria& criteria);

// Replicates against replicates, whatever the time base: a trajectory that repeats to the nanosecond is still
// one of many, as a boot is. The figures are those of latency_with_not_sent_ns. INCONCLUSIVE where a quantile
// is not resolved by a replicate's samples, there are too few replicates, or stimuli without an answer leave
// the figures incomplete. Where all inputs are equal by digest there is nothing to be unsure of: the samples
// are compared, and unequal ones are the bench's fault.
// `reference` is the group of the other kernel or of the baseline; null or unmeasured makes the check
// INVALID.
Check check_ratio(const GroupEvidence& group, const GroupEvidence* reference, const RatioRule& rule,
                  const Criteria& criteria);

}  // namespace loopgate
