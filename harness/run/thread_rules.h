// Which rule of a kernel's file holds for a thread that was read back. Pure.
#pragma once

#include <vector>

#include "config/kernel.h"
#include "protocol/report.h"

namespace loopgate {

// The rows of the threads that this rule of the kernel's is for: the first that matches a thread holds.
std::vector<TuningRow> threads_of(const Kernel& kernel, const ThreadTuning& rule,
                                  const std::vector<TuningRow>& rows);

}  // namespace loopgate
