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
  std::string of = {};  // what makes it
  // Where there is none: what that makes of a check, and why. FAIL where no limit could hold.
  VerdictKind verdict = VerdictKind::inconclusive;
  std::string why = {};
};

// Of what was recorded (`bound`).
WorstCaseFigure composed_figure(const GroupEvidence& group, const WorstCaseQuantity& quantity);

// The largest latency that was measured, hunted or at random.
WorstCaseFigure hunted_figure(const GroupEvidence& group);

// Whether the one was hunted for so much less than the other, each by the host time of its random stimuli,
// that their maxima say nothing of each other; empty where they do.
std::string unlike_hunts(const GroupEvidence& ours, const GroupEvidence& theirs);

}  // namespace loopgate
