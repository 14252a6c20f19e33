// How the CPUs of a virtual board with several take turns.
#pragma once

#include <cstdint>

namespace loopgate {

// QEMU runs all CPUs in one thread of the host, one after the other: the clock counts the instructions of
// all.
struct TurnSettings {
  std::int64_t cpus = 1;
  std::int64_t slice_ns = 0;  // virtual: how long one CPU runs before the next one does; 0: there is one CPU

  bool operator==(const TurnSettings&) const = default;
};

// While a kernel boots: nothing is measured then, and QEMU's work between two turns is most of what short
// ones take (harness/decisions/0081). A multiple of the slice, which is one of what an instruction takes.
constexpr TurnSettings while_booting(TurnSettings turns) {
  constexpr std::int64_t wanted_ns = 10'000;
  if (turns.slice_ns > 0 && turns.slice_ns < wanted_ns) turns.slice_ns *= wanted_ns / turns.slice_ns;
  return turns;
}

// Of one turn each, at the most: 0 where there is one CPU. Timers fire between two rounds.
inline std::int64_t round_ns(const TurnSettings& turns) {
  return turns.cpus > 1 ? turns.cpus * turns.slice_ns : 0;
}

}  // namespace loopgate
