// Identifies the kernel that a board runs, and compares it with the deployed one. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/board.h"

namespace loopgate {

// A running kernel's identity, as it reports it.
struct RunningKernel {
  std::string boot_id;       // changes with each boot
  std::string release;       // uname -r
  std::string version;       // /proc/version
  std::string command_line;  // /proc/cmdline
  std::string mark;          // its loopgate.candidate=…; empty for the known-good kernel
};

// For the board's sh; parse_running_kernel() takes its output.
std::string running_kernel_script();
Result<RunningKernel> parse_running_kernel(const std::string& answer);

// A kernel that is to be booted once.
struct Candidate {
  std::string mark;                  // 12 hex digits of a digest over image, initramfs and arguments
  std::string command_line;          // with the mark on it
  std::string release;               // uname -r; empty when unknown beforehand
  std::vector<std::string> banners;  // one of them is its /proc/version; empty when the image has none
  std::string build;                 // a part of /proc/version; empty when unknown
};

// The command line of a candidate: the board's own system as its root, a restart after a panic (the way back
// where the power cannot be switched), and the mark.
std::string candidate_command_line(const SshBoard& boot, const std::string& arguments,
                                   const std::string& mark);

// The "Linux version …" strings in an uncompressed kernel image; one equals /proc/version. Since Linux 6.2
// there is a second one without the build number, from before the last step of the build. Empty for other
// images.
std::vector<std::string> banners_in(std::string_view image);

// The end of /proc/version, "#1 SMP …", from the header of an x86 image, whose kernel is compressed
// (Documentation/arch/x86/boot.rst: kernel_version). Empty for other images.
std::string build_in(std::string_view image);

// How the running kernel differs from the deployed one, in one sentence; empty when it is the same.
std::string difference(const Candidate& wanted, const RunningKernel& seen);

}  // namespace loopgate
