// The answer in one sentence: the phase that took longer than in the typical sample, the task that was
// responsible, and what it was doing.
#pragma once

#include <string>

#include "explain/arch/explain_arch.h"
#include "explain/sample/explained_sample.h"

namespace loopgate {

// What decides which task may run before which on this kernel.
struct Preemption {
  bool kernel_code = false;  // a task in the kernel can be taken off the CPU
};

// Without a typical sample to compare with, or where the sample itself is that one: the longest phase.
std::string diagnose(const ExplainArch& arch, const ExplainedSample& sample, const Preemption& preemption,
                     const ExplainedSample* typical = nullptr);

}  // namespace loopgate
