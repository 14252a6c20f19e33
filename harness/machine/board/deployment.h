// Brings a candidate kernel onto a board, boots it once, makes sure that it is the one that runs, and goes
// back to the known-good kernel.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "config/board.h"
#include "machine/board/boot_once.h"
#include "machine/board/console_log.h"
#include "machine/board/power.h"
#include "machine/board/remote.h"
#include "machine/images.h"

namespace loopgate {

// What a running kernel says of itself.
struct RunningKernel {
  std::string boot_id;       // /proc/sys/kernel/random/boot_id: another one after each boot
  std::string release;       // uname -r
  std::string version;       // /proc/version
  std::string command_line;  // /proc/cmdline
  std::string candidate;     // its loopgate.candidate=…; empty for the known-good kernel
};

// The candidate's mark on the command line: what makes it another one, in 12 digits.
std::string candidate_mark(const KernelImage& kernel, const std::string& arguments);

// The command line that the candidate is given.
std::string candidate_command_line(const BoardBoot& boot, const KernelImage& kernel,
                                   const std::string& arguments);

// How `seen` differs from what was deployed, in one sentence; empty when it is the one.
std::string difference(const KernelImage& wanted, const std::string& mark, const RunningKernel& seen);

Result<RunningKernel> parse_running_kernel(const std::string& answer);

}  // namespace loopgate
