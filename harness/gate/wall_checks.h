// Checks in wall-clock time, where another boot gives other figures: boots are the replicates. Pure.
#pragma once

#include "gate/checks.h"

namespace loopgate {

// The figure of the boot in the middle (nearest rank), nothing when a boot has none.
std::optional<double> figure_of_middle_boot(const Group& group, const std::string& quantity);
double share_of_middle_boot(const GroupData& data, std::int64_t limit_ns);

// Do enough of all boots keep "at most `share` above the limit"? INCONCLUSIVE says whether more stimuli a
// boot or more boots would decide.
void judge_share_of_boots(const GroupData& data, std::int64_t limit_ns, double share,
                          const Criteria& criteria, Check* check);

// A maximum, a spread or a count is judged as it is, over all boots: one stimulus too many is FAIL. It
// passes only when so many boots kept it that enough of all boots do. Does nothing in virtual time.
void require_boots(const GroupData& data, const Criteria& criteria, Check* check);

// A quantity of each boot against that of each boot of the other: see rank_sum.h.
void judge_ratio_of_boots(const Group& group, const Group& reference, const RatioRule& rule,
                          double confidence, Check* check);

}  // namespace loopgate
