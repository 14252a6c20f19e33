// What the program needs of the system, and one sentence on what it can't have.
#pragma once

#include <string>

namespace loopgate {

// The chip's path. Empty: `problem` says why, such as a chip that this user may not open.
std::string find_chip(const std::string& chip, std::string* problem);

// The CPU that all threads started from now on keep to; -1: any.
std::string keep_to_cpu(int cpu);

// Locked memory and real-time priority, for this thread alone. Empty when both are there.
std::string become_real_time(int priority);

// The kernel's thread that reads the response's edges, at this program's priority: a load that keeps it from
// running would keep responses from us. Empty, or one sentence.
std::string raise_edge_thread(int priority);

}  // namespace loopgate
