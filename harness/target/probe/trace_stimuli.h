// The probe by ftrace: reads the kernel's trace while it is made, follows each stimulus through it, and
// leaves records of all and the trace of the longest ones.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <string>

namespace loopgate {

struct TraceOrder {
  pid_t payload = 0;
  int irq = 0;
  pid_t thread = 0;  // of the line's interrupt
  std::size_t records = 0;
  std::size_t buffer_kb = 0;  // of each CPU
  std::size_t pages = 0;      // of a stimulus, at most
  std::size_t warm_up = 0;    // stimuli that do not count: their events are not kept
  std::string out;            // the file of records
  std::string trace;          // trace.dat
};

// Until the program is told to end. The exit status; what went wrong was said.
int trace_stimuli(const TraceOrder& order);

}  // namespace loopgate
