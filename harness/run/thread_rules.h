// Which rule of a kernel's file holds for a thread that was read back. Pure.
#pragma once

#include <string>
#include <vector>

#include "config/kernel.h"
#include "config/suite.h"
#include "protocol/report.h"

namespace loopgate {

// "fifo 85", "other" or "fifo 85 on CPU 0,2", as the agent writes what it wanted of a thread.
std::string wanted_by(const ThreadTuning& rule);

// Whether at least one thread must match in a suite of this work.
bool is_required(const ThreadTuning& rule, const Work& work);

// The rows of the threads that this rule of the kernel's is for: the first that matches a thread holds. The
// bench's own thread (irq/*-control) keeps to a rule of the agent's, whatever the kernel's file says.
std::vector<TuningRow> threads_of(const Kernel& kernel, const ThreadTuning& rule,
                                  const std::vector<TuningRow>& rows);

}  // namespace loopgate
