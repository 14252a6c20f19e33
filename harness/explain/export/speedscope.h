// A sample as speedscope's "evented" profile (https://www.speedscope.app/file-format-schema.json).
#pragma once

#include <string>

#include "explain/sample/explained_sample.h"

namespace loopgate {

// Times are virtual ns from the stimulus. One profile, the CPU's time line: task, its call chain, and an
// "interrupt" frame below what an interrupt's handler called.
std::string to_speedscope(const ExplainedSample& sample);

}  // namespace loopgate
