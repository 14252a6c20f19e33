// A sample in the Chrome JSON trace-event format, which ui.perfetto.dev opens.
#pragma once

#include <string>

#include "explain/sample/explained_sample.h"

namespace loopgate {

// Times are absolute virtual time, as in the sample's trace.dat. Tracks: what runs on the CPU, the phases,
// and the call chains of each task.
std::string to_perfetto(const ExplainedSample& sample);

}  // namespace loopgate
