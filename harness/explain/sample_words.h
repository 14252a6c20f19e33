// How a sample's tasks and call chains read, wherever they are told.
#pragma once

#include <string>
#include <vector>

#include "explain/sample/explained_sample.h"

namespace loopgate {

// "stress-ng-vm (SCHED_OTHER)", "responder (SCHED_FIFO 80)", "the idle task"
std::string text_of(const ExplainedTask& task);

// "free_one_page < free_pcppages_bulk < ...": the innermost four
std::string calls_text(std::vector<std::string> innermost_first);

// The same of a call chain of the sample.
std::string calls_text(const ExplainedSample& sample, std::uint32_t chain);

// Where the way depended on other CPUs, a line each, the longest first; empty where it did not.
std::string cross_cpu_text(const ExplainedSample& sample);

}  // namespace loopgate
