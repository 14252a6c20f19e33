// Single checks: one quantity of one kernel x load held against one limit. Pure.
//
// A quantile budget and an `exceed` budget are the same question: does at most the share s of all stimuli
// take longer than L? (A quantile p is at most L just when at most 1 - p are above L.) It is answered by how
// many of n stimuli were above L: PASS when the upper confidence bound of the share is at most s, FAIL when
// the lower one is above s, else INCONCLUSIVE. Unanswered stimuli are above every limit. One that was not
// sent is above L when the response that it waited for came more than L after it was due.
//
// In wall-clock time that question is put to each boot, and the boots are counted: see boots.h and
// wall_checks.h.
#pragma once

#include "gate/policy.h"
#include "gate/verdict.h"
#include "stats/comparison.h"

namespace loopgate {

// What the policy asks of all evidence.
struct Criteria {
  TimeBase time_base = TimeBase::virtual_time;
  double confidence = 0.95;
  double min_replicate_fraction =
      0.5;  // wall-clock time: the least share of all boots that must keep a budget
};

// A kernel x load, its figures and its raw latencies.
struct GroupData {
  const Group& group;
  const Latencies& latencies;
  const std::vector<Latencies>& boots;  // of each of the group's boots; none in virtual time
};

Check check_limit(const GroupData& data, const Limit& limit, const Criteria& criteria);
Check check_exceed(const GroupData& data, const ExceedLimit& limit, const Criteria& criteria);
// Of the decisions for the right frame: those for another are not judged to be right or wrong. The bound
// takes decisions for independent draws; a camera that repeats its parts makes it somewhat too narrow.
Check check_wrong_fraction(const GroupData& data, double max_fraction, const Criteria& criteria);

// Exact figures against each other in virtual time, which repeats to the nanosecond, and boots against boots
// in wall-clock time; the figures are those of latency_with_not_sent_ns. INCONCLUSIVE where a quantile is not
// resolved by either's samples, or stimuli without an answer leave the figures incomplete. `reference` is the
// group of the other kernel or of the baseline; null or unmeasured makes the check INVALID.
Check check_ratio(const Group& group, const Group* reference, const RatioRule& rule,
                  const Criteria& criteria);

}  // namespace loopgate
