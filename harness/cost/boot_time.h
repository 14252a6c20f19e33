// How long a kernel took from its first instruction to its first program. Pure.
#pragma once

#include <optional>
#include <string_view>

namespace loopgate {

// By the kernel's own clock, from the line of its log in which the agent says that it started. Seconds;
// nothing where the log has no such line, or no times (CONFIG_PRINTK_TIME).
std::optional<double> boot_seconds(std::string_view console);

}  // namespace loopgate
