// What a bisection says to a terminal. Pure.
#pragma once

#include <string>

#include "bisect/kernel_changes.h"
#include "bisect/search.h"
#include "record/bisect_record.h"

namespace loopgate {

// What a trial is: "the good end with argument nohz=off added".
std::string trial_text(const KernelDifference& difference, const Trial& trial);

// "step 3: bad: the good end with ...: p50 is 1.2 of ..."
std::string step_text(const BisectStep& step);

// The answer, with the sentences that say how sure it is.
BisectAnswer answer_of(const KernelDifference& difference, const FoundCulprit& found);

// All steps as a table, then the answer.
std::string bisect_text(const BisectRecord& record);

}  // namespace loopgate
