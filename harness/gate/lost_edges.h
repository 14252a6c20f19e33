// Stimuli whose edge never came to the payload. Where the bare wire may lose as many, nothing shows that the
// kernel did, and a check that only they break is INCONCLUSIVE. So is one that only unanswered stimuli break
// on a bench that was not found sound after the last cell. Pure.
#pragma once

#include <functional>

#include "gate/checks.h"

namespace loopgate {

using JudgeGroup = std::function<Check(const GroupEvidence&)>;

// The check, and where it fails whether it would without those stimuli: they are censored, and so is what
// fell due while one was waited for, so a maximum, a quantile and a spread have them, too.
Check judge_beside_lost_edges(const GroupEvidence& group, const Criteria& criteria, const JudgeGroup& judge);

}  // namespace loopgate
