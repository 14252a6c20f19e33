// Counters of /proc, each with its name and CPU, in the kernel's three formats.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace loopgate {

struct Counter {
  std::string name;   // of the row: NET_RX, 24
  std::string about;  // the text after the counts in /proc/interrupts
  int cpu = -1;       // -1: for all CPUs
  std::uint64_t count = 0;
};

using Counters = std::optional<std::vector<Counter>>;  // empty: the text cannot be parsed

// /proc/softirqs, /proc/interrupts: a heading of CPUs, then one row per name.
Counters parse_counter_table(std::string_view text);

// /proc/net/softnet_stat: one row per CPU, hexadecimal. `column` counts from 0; its number is the counters'
// name. Kernels before 5.10 do not name the row's CPU; there it is the row's number.
Counters parse_softnet(std::string_view text, std::size_t column);

}  // namespace loopgate
