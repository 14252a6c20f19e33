// The probe by eBPF: loads the kernel part, keeps what it sends, replaces it by a copy of itself where that
// is asked for, and leaves the records.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "protocol/probe_records.h"

namespace loopgate {

struct KernelOrder {
  pid_t payload = 0;
  int irq = 0;
  pid_t thread = 0;  // of the line's interrupt
  ProbeTransport transport = ProbeTransport::ring_buffer;
  std::size_t records = 0;
  std::vector<std::uint64_t> replace_after;  // so many stimuli, rising
  std::string out;                           // the file of records
};

// Until the program is told to end. The exit status; what went wrong was said.
int follow_in_the_kernel(const KernelOrder& order);

}  // namespace loopgate
