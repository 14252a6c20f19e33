// /proc/interrupts, as far as evidence needs it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

namespace loopgate {

// How often the interrupts whose handler has this name (of a GPIO line: its consumer's) were handled, on all
// CPUs together. Nothing when the table has no such row: nobody has requested that interrupt.
// On which CPUs that line's interrupts were handled: "0" or "0,2"; empty where there were none.
std::string cpus_of(const std::string& table, const std::string& name);

std::optional<std::uint64_t> interrupts_of(const std::string& table, const std::string& name);

// Its chip and line, as the kernel names them: "9030000.pl061 0". Empty when the table has no such row, or
// where it has other words there.
std::string line_of(const std::string& table, const std::string& name);

// How many CPUs are online: the table has a column for each. 0 when it has none.
std::size_t online_cpus(const std::string& table);

}  // namespace loopgate
