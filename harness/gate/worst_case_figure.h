// What a policy's worst-case quantity comes to for a kernel under a load: read off what `bound` composed and
// `hunt` found, or why there is no such figure. Pure.
#pragma once

#include <optional>
#include <string>

#include "gate/verdict.h"
#include "record/worst_case.h"
#include "stats/comparison.h"

namespace loopgate {

struct WorstCaseFigure {
  std::optional<std::int64_t> ns = {};
  std::string of = {};  // what makes it, or what `at_least` is made by
  // Where there is none: what that makes of a check, and why. FAIL where no limit could hold.
  VerdictKind verdict = VerdictKind::inconclusive;
  std::string why = {};
  // Where there is none: what it is no less than, whatever else is found. A limit below that is broken.
  std::optional<std::int64_t> at_least = {};
};

// Of what was recorded (`bound`).
WorstCaseFigure composed_figure(const GroupEvidence& group, const WorstCaseQuantity& quantity);

// The largest latency that was measured, hunted or at random.
WorstCaseFigure hunted_figure(const GroupEvidence& group);

// Why the one's hunt says little beside the other's, each by the host time of its random stimuli: it was so
// much shorter that its maximum may be so much too small. Empty where it was not.
std::string too_short_a_hunt(const GroupEvidence& of, const GroupEvidence& other);

}  // namespace loopgate
