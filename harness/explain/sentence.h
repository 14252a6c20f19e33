// The answer in one sentence: the phase that took longest, who held it up and with what.
#pragma once

#include <string>

#include "explain/explanation.h"

namespace loopgate {

// What decides who may run before whom on this kernel.
struct Preemption {
  bool kernel_code = false;  // CONFIG_PREEMPTION: a task in the kernel can be taken off the CPU
};

std::string why(const ExplainedSample& sample, const Preemption& preemption);

// "18.58 ms", "21.3 us", "870 ns": three to four digits.
std::string short_time(std::int64_t ns);

}  // namespace loopgate
