// What a cost says to a terminal. Pure.
#pragma once

#include <string>

#include "bisect/kernel_changes.h"
#include "cost/cost_search.h"
#include "record/cost_file.h"

namespace loopgate {

// "CONFIG_AUDIT=y", or "17 differences, among them CONFIG_AUDIT=y and CONFIG_ZONE_DMA=y".
std::string differences_text(const KernelDifference& difference, const ChangeSet& changes);

// Empty where it is one difference.
std::string not_divided_text(NotDivided why);

// "CONFIG_AUDITSYSCALL=y can't be without it".
std::string lost_text(const KernelDifference& difference, const ChangeSet& lost);

// "step 3: trimmed-rt with 5 of 20 differences: p50 12,150 ns".
std::string step_text(const CostStep& step, const std::string& by);

// The table from the one kernel to the other, and what it does not say.
std::string cost_text(const CostRecord& record);

}  // namespace loopgate
