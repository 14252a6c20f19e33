// Which interrupt a GPIO line has, and which thread handles it: by /proc alone.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

namespace loopgate {

// The one row of /proc/interrupts whose handler has the name; nothing where none has it or several have.
std::optional<int> irq_named(std::string_view interrupts, std::string_view handler);

// The kernel thread "irq/18-stimulus", whose name may be cut off behind the dash.
std::optional<pid_t> irq_thread(int irq, const std::string& proc = "/proc");

}  // namespace loopgate
