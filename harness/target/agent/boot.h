// What PID 1 does before there is a job: file systems, the loopback interface, and waiting until the boot is
// really over.
#pragma once

#include <chrono>
#include <string>

#include "base/result.h"

namespace loopgate {

// Mounts proc, sys, dev and the rest, opens the console, and sets PATH. One mount that fails is no failure of
// the whole: what needs it says so.
void prepare_as_init();

// Loads what the kernel's file names, in the order of the files' names.
Status load_modules(const std::string& folder = "/usr/lib/modules/loopgate");

// Brings up `lo`, without which socket stressors do nothing and still exit 0.
Status bring_loopback_up();

// Boot is over when no crypto self-test runs, no device waits for its driver, and the CPU idles at least 95 %
// of 200 ms. The error names the first of them that does not hold after `at_most`.
Status wait_until_boot_is_over(std::chrono::seconds at_most, const std::string& proc = "/proc");

// The share of idle time between two looks, from 0 to 1.
struct CpuTicks;
double idle_share(const CpuTicks& before, const CpuTicks& after);

// One line to the kernel's log; `problem` also shows on a quiet console.
void log_line(const std::string& line, bool problem);

}  // namespace loopgate
