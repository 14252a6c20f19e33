// How long an instruction takes on a virtual board, in one form for screen, verdict and acceptance.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>

namespace loopgate {

// "1 ns per instruction", or "2 ns per instruction, 2 CPUs in turns of 200 ns"; empty where the numbers are
// no board's, as in a file that somebody altered. An instruction takes cpus x 2^icount_shift ns (decision
// 0075).
inline std::string instruction_text(std::int64_t icount_shift, std::int64_t cpus, std::int64_t slice_ns) {
  constexpr std::int64_t most_shift = 10, most_cpus = 4;  // as boards/*.toml may have them
  if (icount_shift < 0 || icount_shift > most_shift || cpus < 1 || cpus > most_cpus) return {};
  const std::string turns = cpus > 1 ? fmt::format(", {} CPUs in turns of {} ns", cpus, slice_ns) : "";
  return fmt::format("{} ns per instruction{}", cpus * (std::int64_t{1} << icount_shift), turns);
}

}  // namespace loopgate
