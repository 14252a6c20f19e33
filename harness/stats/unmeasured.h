// What is said of a group's cells that are not measured: in tables and in verdicts alike.
#pragma once

#include <string>
#include <vector>

#include "stats/comparison.h"

namespace loopgate {

struct UnmeasuredText {
  std::string text;  // as it was recorded: a console's bytes may be in it
  bool kernel_failed = false;
  std::string next_step = {};  // may be empty
};

// "preempt-rt.mixed.3: invalid: ..." of each cell; several that are missing are one sentence together,
// and so are those from three on of which all else is the same but the name:
// "generic.mixed: 5 of 8 replicates are missing: ...", since a run that was interrupted misses many.
std::vector<UnmeasuredText> unmeasured_texts(const GroupEvidence& group);

}  // namespace loopgate
