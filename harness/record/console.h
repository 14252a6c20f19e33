// What a console log says about the kernel's end. The console is evidence only: results never come through
// it.
#pragma once

#include <string>
#include <string_view>

namespace loopgate {

struct ConsoleFinding {
  bool kernel_failed = false;
  std::string what;  // one sentence: "panicked: Attempted to kill init!"; empty when nothing was found
};

// A line of our own in a board's log: what stands before it is of another kernel.
inline constexpr std::string_view console_mark = "[loopgate: the kernel of this cell is started here]";

// Looks for a panic, an oops, a lockup, a stalled RCU or a failed boot. Lines that are cut off or interleaved
// are read as far as they go. Of a log with marks, what follows the last one.
ConsoleFinding read_console(std::string_view log);

}  // namespace loopgate
