// Counters of /proc, each with its name and its CPU, from the three shapes that the kernel gives them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace loopgate {

struct Counter {
  std::string name;   // of the row: NET_RX, 24
  std::string about;  // what /proc/interrupts says after the counts
  int cpu = -1;       // -1: of no one CPU
  std::uint64_t count = 0;
};

using Counters = std::optional<std::vector<Counter>>;  // nothing: the text can't be understood

// /proc/softirqs, /proc/interrupts: a heading of CPUs, then a row a name.
Counters parse_counter_table(std::string_view text);

// /proc/net/softnet_stat: a row a CPU, hexadecimal. `column` counts from 0; its number is the counters' name.
// Kernels before 5.10 do not say which CPU a row is of; there it is the row's number.
Counters parse_softnet(std::string_view text, std::size_t column);

}  // namespace loopgate
