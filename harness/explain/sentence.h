// The answer in one sentence: the phase that took longer than in the typical sample, who held it up, and with
// what.
#pragma once

#include <string>

#include "explain/explanation.h"

namespace loopgate {

// What decides who may run before whom on this kernel.
struct Preemption {
  bool kernel_code = false;  // CONFIG_PREEMPTION: a task in the kernel can be taken off the CPU
};

// Without a typical sample to hold it against, or where the sample itself is that one: the longest phase.
std::string why(const ExplainedSample& sample, const Preemption& preemption,
                const ExplainedSample* typical = nullptr);

// "18.58 ms", "21.3 us", "870 ns": three to four digits.
std::string short_time(std::int64_t ns);

}  // namespace loopgate
