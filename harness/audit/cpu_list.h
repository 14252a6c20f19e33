// Sets of CPUs as the kernel writes them.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace loopgate {

using CpuSet = std::set<int>;

// "0-3,5". Blank and "(null)", as some kernels say of an empty nohz_full, are no CPU. Nothing when it is no
// such list, or names a CPU above 8191, the most that Linux takes.
std::optional<CpuSet> parse_cpu_list(std::string_view text);

// "ff,0000000f": hexadecimal, groups of 32 CPUs, the highest first.
std::optional<CpuSet> parse_cpu_mask(std::string_view text);

// As a list, "0-3,5"; "none" when there is none.
std::string to_text(const CpuSet& cpus);

// Those that both have.
CpuSet common(const CpuSet& a, const CpuSet& b);

}  // namespace loopgate
