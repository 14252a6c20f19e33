// What `explain --program` prints.
#pragma once

#include <string>

#include "explain/explain_paths.h"

namespace loopgate {

// "pi-mutex-inherit: preempt-rt 3,120 instructions an iteration, generic 2,983: +137, of which
// rt_mutex_adjust_prio_chain +90, ..."
std::string path_sentence(const PathExplanation& explanation);

// The sentence; functions, the largest difference first; and whose the instructions are.
std::string to_text(const PathExplanation& explanation);

}  // namespace loopgate
