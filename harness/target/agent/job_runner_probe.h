// What the job runner says of the probe in the kernel.
#pragma once

#include <string>

#include "target/agent/child.h"

namespace loopgate {

// In its own words, where it refused: they say what to do.
std::string why_probe_ended(const Child& probe);

}  // namespace loopgate
