// The frequency of a PC's counter, the TSC, as the kernel's command line tells it.
#pragma once

#include <charconv>
#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>

namespace loopgate {

// On the virtual bench the TSC counts the nanoseconds of its clock.
inline constexpr std::string_view counter_argument = "loopgate.counter_hz=";

// 0 where the text does not say it.
inline std::uint64_t counter_hz_in(std::string_view command_line) {
  const auto at = command_line.find(counter_argument);
  if (at == std::string_view::npos) return 0;
  std::uint64_t hz = 0;
  std::from_chars(command_line.data() + at + counter_argument.size(),
                  command_line.data() + command_line.size(), hz);
  return hz;
}

// Of the running kernel.
inline std::uint64_t told_counter_hz() {
  std::string line;
  std::getline(std::ifstream("/proc/cmdline") >> std::ws, line);
  return counter_hz_in(line);
}

}  // namespace loopgate
