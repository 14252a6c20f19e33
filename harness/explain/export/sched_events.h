// A sample's events as records of the kernel's own trace events.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "explain/export/event_format.h"
#include "explain/sample/explained_sample.h"

namespace loopgate {

struct FtraceRecord {
  std::int64_t at_ns = 0;  // from the stimulus
  std::uint16_t cpu = 0;
  std::string bytes;
};

// Of ftrace itself ("print") and of the systems irq, raw_syscalls and sched. A system's formats stand
// together.
const std::vector<EventFormat>& trace_formats();

// In order of time, between the marks "loopgate: stimulus" and "loopgate: response" what happened then.
std::vector<FtraceRecord> trace_records(const ExplainedSample& sample);

}  // namespace loopgate
