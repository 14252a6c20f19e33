// Sets of CPUs in the kernel's formats.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace loopgate {

using CpuSet = std::set<int>;

// "0-3,5". Blank and "(null)", which some kernels print for an empty nohz_full, mean no CPU. Empty optional
// when it is not such a list, or names a CPU above 8191, the most that Linux supports.
std::optional<CpuSet> parse_cpu_list(std::string_view text);

// "ff,0000000f": hexadecimal, groups of 32 CPUs, the highest first.
std::optional<CpuSet> parse_cpu_mask(std::string_view text);

// As a list, "0-3,5"; "none" when there is none.
std::string to_text(const CpuSet& cpus);

// The CPUs in both sets.
CpuSet common(const CpuSet& a, const CpuSet& b);

}  // namespace loopgate
