// Which kernel a board runs, and whether it is the one that was deployed. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/board.h"

namespace loopgate {

// What a running kernel says of itself.
struct RunningKernel {
  std::string boot_id;       // another one after each boot
  std::string release;       // uname -r
  std::string version;       // /proc/version
  std::string command_line;  // /proc/cmdline
  std::string mark;          // its loopgate.candidate=…; empty for the known-good kernel
};

// For the board's sh; its answer is what parse_running_kernel() takes.
std::string ask_running_kernel();
Result<RunningKernel> parse_running_kernel(const std::string& answer);

// A kernel that is to be booted once.
struct Candidate {
  std::string mark;                  // 12 digits, of all that makes it another one
  std::string command_line;          // with the mark on it
  std::string release;               // uname -r; empty when it is not known beforehand
  std::vector<std::string> banners;  // one of them is its /proc/version; empty when the image does not tell
  std::string build;                 // a part of /proc/version; empty when it is not known
};

// The command line of a candidate: the board's own system as its root, a restart after a panic, which is a
// way back where nobody can switch the power, and the mark.
std::string candidate_command_line(const SshBoard& boot, const std::string& arguments,
                                   const std::string& mark);

// "Linux version …" in an uncompressed kernel image, which is what /proc/version says, too. Since Linux 6.2
// there is a second one without its build number, from before the last step of the build. Empty for other
// images.
std::vector<std::string> banners_in(std::string_view image);

// The end of /proc/version, "#1 SMP …", as an x86 image tells it in its header, the kernel itself being
// compressed (Documentation/arch/x86/boot.rst: kernel_version). Empty for other images.
std::string build_in(std::string_view image);

// How what runs differs from what was deployed, in one sentence; empty when it is the one.
std::string difference(const Candidate& wanted, const RunningKernel& seen);

}  // namespace loopgate
