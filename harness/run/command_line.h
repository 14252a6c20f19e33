// The kernel's command line: what was asked for, and what the running kernel was given. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "config/board.h"
#include "config/kernel.h"

namespace loopgate {

// COMMAND_LINE_SIZE of arm64 and x86, less the terminating zero: the kernel drops what follows and says
// nothing.
inline constexpr std::size_t longest_command_line = 2'047;

// Refuses arguments that make a line which is longer. Kind: usage.
Status check_command_line(const Kernel& kernel, const Board& board, int null_change = 0);

// Every word that was asked for stands in /proc/cmdline, in the same order; firmware and boot loaders may add
// words of their own. One sentence on the first that does not; empty when all do.
std::string dropped_argument(std::string_view asked, std::string_view running);

}  // namespace loopgate
