// Where a sample's way depended on another CPU: it waited for one, was interrupted by one, or a task on it
// was woken by one. Told by the names of the kernel's functions, arm64's and x86's.
#pragma once

#include <vector>

#include "explain/sample/explained_sample.h"

namespace loopgate {

// In the order of time. Empty without lanes.
std::vector<CrossCpu> cross_cpu_of(const ExplainedSample& sample);

}  // namespace loopgate
